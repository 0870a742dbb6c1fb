"""`py-orc doctor`: what py-orc found on this machine, and what is wrong with it."""

import typer

from orchestrator.app.examination import Examination, examine
from orchestrator.cli.exits import COMPLETED, FAILED, guarded
from orchestrator.cli.options import Json, Store
from orchestrator.cli.terminal import Paper, out


def doctor(*, store: Store = "", json: Json = False) -> None:
    """Look for what is missing or wrong here.

    Versions, settings with their origins, features, models, extras; exit 1 on a real problem. Contacts nothing but model servers on this machine.

    Examples:

    \b
      py-orc doctor
      py-orc doctor --json
    """
    raise typer.Exit(guarded(lambda: _doctor(store, json=json), json=json))


def _doctor(store: str, *, json: bool) -> int:
    import asyncio

    found = asyncio.run(examine(store or None))
    if json:
        from orchestrator.cli.document import print_document

        print_document(found.as_data())
    else:
        _print(out(), found)
    return COMPLETED if found.ok else FAILED


def _print(paper: Paper, found: Examination) -> None:
    for finding in found.findings:
        sign = paper.symbol({"ok": "completed", "note": "skipped", "problem": "failed"}[finding.verdict])
        paper.line(f"{sign} {finding.what:<10} {finding.told}")
        if finding.hint:
            paper.line(paper.paint(f"  → {finding.hint}", "cyan"))
    paper.line(paper.paint("settings", "bold"))
    for setting in found.settings:
        paper.line(f"  {setting.name:<16} {setting.value:<40} {paper.paint(setting.origin, 'dim')}")
    paper.line(paper.paint("features", "bold"))
    for name, (on, about) in found.features.items():
        paper.line(f"  {name:<18} {'on' if on else 'off':<4} {paper.paint(about, 'dim')}")
