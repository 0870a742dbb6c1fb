"""`py-orc cache`: what is kept of models' answers."""

from enum import StrEnum
from typing import Annotated

import typer

from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, Store
from orchestrator.cli.terminal import out


class CacheJob(StrEnum):
    """What can be done with kept answers."""

    CLEAR = "clear"


def cache(
    job: Annotated[CacheJob, typer.Argument(metavar="clear", help="What to do: forget answers.")],
    *,
    tag: Annotated[
        str, typer.Option("--tag", help="Only those of a provider, or of one PROVIDER:NAME.")
    ] = "",
    store: Store = "",
    json: Json = False,
) -> None:
    """Forget the answers of models that this project keeps (`[cache] responses = true`).

    In its folder and in the Redis that `[cache] redis` names. Results of steps with `cache: true` are others, and stay.

    Examples:

    \b
      py-orc cache clear
      py-orc cache clear --tag openai:gpt-4o-mini
    """
    del job  # there is one so far, and the word keeps room for others
    raise typer.Exit(guarded(lambda: _clear(tag, store, json=json), json=json))


def _clear(tag: str, store: str, *, json: bool) -> int:
    import asyncio
    import os

    from orchestrator.app.kept_answers import kept_answers
    from orchestrator.app.machine import SystemClock, SystemRandomness
    from orchestrator.settings import load_settings

    answers = kept_answers(
        load_settings(".", os.environ, store=store or None), SystemClock(), SystemRandomness()
    )

    async def clear() -> int:
        try:
            return await answers.clear(tag)
        finally:
            await answers.close()

    count = asyncio.run(clear())
    if json:
        from orchestrator.cli.document import print_document

        print_document({"forgotten": count, "tag": tag or None})
    else:
        out().line(f"{count} {'answer' if count == 1 else 'answers'} forgotten")
    return COMPLETED
