"""What a look at this machine finds: versions, store, models, extras, and what stands in the way of running."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from orchestrator.app.assemble import open_settled_store
from orchestrator.app.machine import SystemClock
from orchestrator.app.model_choice import vendor_environment
from orchestrator.errors import OrchestratorError, SetupError, StoreError, UserError
from orchestrator.settings import FEATURES, Setting, Settings, load_settings

Verdict = Literal["ok", "note", "problem"]

_EXTRAS = {"data": "polars", "redis": "redis"}
"""Each extra that is no vendor's, with the module that shows whether it is installed."""

_OLDEST = (3, 11)


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    told: str
    hint: str = ""


class Examination(Struct, frozen=True):
    """Everything that was found."""

    findings: tuple[Finding, ...]
    settings: tuple[Setting, ...]
    features: Mapping[str, tuple[bool, str]]
    """Each feature: whether it is on, and what it does."""

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of running."""
        return all(finding.verdict != "problem" for finding in self.findings)

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "ok": self.ok,
            "findings": [
                {"what": one.what, "verdict": one.verdict, "told": one.told, "hint": one.hint or None}
                for one in self.findings
            ],
            "settings": [setting._asdict() for setting in self.settings],
            "features": {name: {"on": on, "about": about} for name, (on, about) in self.features.items()},
        }


async def examine(store: str | None = None) -> Examination:
    """Look at this machine; contacts nothing but model servers on it."""
    findings = [*_versions()]
    try:
        settings = load_settings(".", os.environ, store=store)
    except SetupError as error:
        return Examination((*findings, Finding("settings", "problem", error.message, error.hint)), (), {})
    findings += [
        await _store(settings),
        *_folder(settings),
        *_extras(),
        _vendor(settings),
        await _models(settings),
    ]
    return Examination(
        findings=tuple(findings),
        settings=tuple(setting for setting in settings.describe() if not setting.name.startswith("features")),
        features={name: (settings.features[name], about) for name, about in FEATURES.items()},
    )


def _versions() -> Iterator[Finding]:
    from importlib.metadata import version

    yield Finding("py-orc", "ok", version("py-orc"))
    told = f"{platform.python_version()} on {platform.platform(terse=True)}, {sys.executable}"
    if sys.version_info[:2] >= _OLDEST:
        yield Finding("python", "ok", told)
    else:
        yield Finding("python", "problem", told, "py-orc needs Python 3.11 or later.")


def _place(settings: Settings) -> Finding | None:
    """Return what there is to say about a store that nobody has made yet."""
    place = Path(settings.store.partition(":")[2])
    if not settings.store.startswith(("sqlite:", "files:")) or place.exists():
        return None
    folder = next(folder for folder in place.parents if folder.exists())
    if os.access(folder, os.W_OK):
        return Finding("store", "ok", f"{settings.store} (made by the first run)")
    return Finding("store", "problem", f"{folder} cannot be written to", "choose another place with --store.")


async def _store(settings: Settings) -> Finding:
    """Open the store and count its runs; one that is not there yet is fine where it can be made."""
    not_yet = _place(settings)
    if not_yet is not None:
        return not_yet
    try:
        store = open_settled_store(settings)
        try:
            runs = await store.runs(limit=1_000)
            interrupted = await store.runs(status="interrupted", limit=1_000)
        finally:
            await store.close()
    except (StoreError, UserError) as error:
        return Finding("store", "problem", str(error).split("\n", maxsplit=1)[0], getattr(error, "hint", ""))
    hint = f"{len(interrupted)} can be resumed: py-orc runs --status interrupted" if interrupted else ""
    return Finding("store", "ok", f"{settings.store}, {len(runs)} runs", hint)


def _folder(settings: Settings) -> Iterator[Finding]:
    """Look at the workspace, and at who may read what runs leave behind."""
    workspace = settings.workspace
    if not workspace.is_dir():
        yield Finding("workspace", "problem", f"{workspace} is no folder", "make it, or choose another one.")
    elif not os.access(workspace, os.W_OK):
        yield Finding("workspace", "note", f"{workspace} cannot be written to")
    else:
        yield Finding("workspace", "ok", str(workspace))
    secret = settings.root / ".env"
    if os.name == "posix" and secret.is_file() and secret.stat().st_mode & 0o077:
        yield Finding("secrets", "note", f"{secret} can be read by others", f"chmod 600 {secret}")


def _extras() -> Iterator[Finding]:
    for extra, module in _EXTRAS.items():
        if _is_installed(module):
            yield Finding(extra, "ok", "extra installed")
        else:
            yield Finding(extra, "note", "extra not installed", _install(extra))


def _vendor(settings: Settings) -> Finding:
    """Say what OpenAI's models lack: the extra and the key count together."""
    environ = vendor_environment(settings)
    key, server = environ.get("OPENAI_API_KEY"), environ.get("OPENAI_BASE_URL")
    installed = _is_installed("openai")
    access = f"server {server}" if server else "key set" if key else "no key"
    steps = ["" if installed else _install("openai"), "" if server or key else "set OPENAI_API_KEY"]
    hint = ", and ".join(step for step in steps if step)
    told = f"extra {'' if installed else 'not '}installed, {access}"
    return Finding("openai", "note" if hint else "ok", told, f"{hint}." if hint else "")


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _install(extra: str) -> str:
    return f"pip install 'py-orc[{extra}]'"


async def _models(settings: Settings) -> Finding:
    """Say which model `auto` stands for."""
    from orchestrator.integrations.providers import default_model
    from orchestrator.models.discovery import find_server

    environ = vendor_environment(settings)
    if settings.model:
        return _model(settings.model, "(configured)", environ)
    configured = None if settings.offline else default_model(environ)
    if configured:
        return _model(configured, "(its key is set)", environ)
    try:
        server = await find_server(clock=SystemClock())
    except (OrchestratorError, OSError) as error:
        return Finding("model", "note", f"looking for a server failed: {error}")
    if server is not None:
        return _model(server.model, f"at {server.base_url}", environ, base_url=server.base_url)
    return Finding(
        "model",
        "note",
        "the built-in extractive model: no key is set and no server runs on this machine",
        "set OPENAI_API_KEY, or start Ollama.",
    )


def _model(name: str, origin: str, environ: Mapping[str, str], *, base_url: str = "") -> Finding:
    """Return what there is to say about the model that `auto` stands for: a problem where it cannot be asked."""
    from orchestrator.integrations.providers import PREFIXES, open_model

    if name.partition(":")[0] in PREFIXES and ":" in name:
        try:
            open_model(name, base_url, environment=environ)
        except SetupError as error:
            return Finding(
                "model", "problem", f"{name} {origin} cannot be asked: {error.message}", error.hint
            )
    return Finding("model", "ok", f"{name} {origin}")
