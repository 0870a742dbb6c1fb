"""Regular expressions with bounded time: Python's own, in a process that can be killed."""

from typing import Annotated, Final, Literal, TypedDict, cast

from orchestrator.core.action import ActionContext
from orchestrator.tools.isolated import Job, run_isolated
from orchestrator.tools.limit import Limit
from orchestrator.tools.tool import tool

MAX_OUTPUT: Final = 50_000_000


class Match(TypedDict):
    """One place that fits."""

    text: str
    start: int
    end: int
    groups: list[str | None]
    named: dict[str, str | None]


class Found(TypedDict):
    """What a pattern finds."""

    matches: list[Match]
    count: int
    first: str | None
    """The first match's first group, or the whole match without groups; null without a match."""
    text: str | None
    """The text with every match replaced; null without `replace`."""


@tool(name="text.regex", effect="pure")
async def regex(
    text: str,
    pattern: str,
    *,
    ctx: ActionContext,
    replace: str | None = None,
    flags: list[Literal["ignore_case", "multiline", "dot_all"]] | None = None,
    limit: Annotated[int, Limit(ge=1)] = 100_000,
    timeout: Annotated[float, Limit(gt=0)] = 5.0,  # noqa: ASYNC109 # a parameter of the language
) -> Found:
    r"""Find, extract and replace by a regular expression.

    Args:
        text: The text to search.
        pattern: A Python regular expression.
        replace: What matches become; `\1` and `\g<name>` stand for groups.
        flags: `ignore_case`, `multiline` (`^` and `$` at each line), `dot_all` (`.` fits line ends).
        limit: More matches are an error.
        timeout: Seconds after which it is given up.
    """
    task = {
        "text": text,
        "pattern": pattern,
        "replace": replace,
        "flags": " ".join(flags or []),
        "limit": limit,
    }
    job = Job(
        what=f"the pattern {pattern!r}" if len(pattern) <= 80 else "the pattern",
        arguments=(_PROGRAM,),
        task=task,
        seconds=timeout,
        max_output=MAX_OUTPUT,
    )
    return cast("Found", await run_isolated(job, ctx))


_PROGRAM: Final = __file__.replace("regex.py", "regex_program.py")
