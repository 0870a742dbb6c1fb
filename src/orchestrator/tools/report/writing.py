"""The action `report.write`."""

from pathlib import PurePosixPath
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from orchestrator.core.action import ActionContext, Params, Touch
from orchestrator.errors import ActionError
from orchestrator.tools.files import encode, workspace_of, write_bytes
from orchestrator.tools.limit import Limit
from orchestrator.tools.report.block import Bars, Block, Heading
from orchestrator.tools.report.chart import chart_of
from orchestrator.tools.report.contents import Contents
from orchestrator.tools.report.escape import literal
from orchestrator.tools.report.markdown import markdown_of
from orchestrator.tools.report.page import page_of
from orchestrator.tools.report.reading import read_markdown
from orchestrator.tools.snapshot import Kept, restore, take
from orchestrator.tools.tool import tool


class Report(TypedDict):
    """Where a report is."""

    path: str
    """The Markdown file."""
    html_path: str
    size: int
    """Bytes of both files."""


class Chart(TypedDict):
    """What to draw of `items`."""

    labels: NotRequired[str]
    """The column that names the numbers."""
    values: NotRequired[str | list[str]]
    """The columns of numbers; at most three."""
    kind: NotRequired[Literal["bar", "line"]]
    title: NotRequired[str]


def _paths(path: str) -> tuple[str, str]:
    """Return the paths of the Markdown file and of the page beside it, whichever of them was named."""
    name = PurePosixPath(path)
    if name.suffix.lower() in (".html", ".htm"):
        return str(name.with_suffix(".md")), path
    if not name.name or name.suffix.lower() not in (".md", ".markdown", ""):
        raise ActionError(
            f"{path} is no path for a report; let it end with .md or .html", error_class="invalid_request"
        )
    return (path if name.suffix else f"{path}.md"), str(name.with_suffix(".html"))


def _touches(parameters: Params) -> list[Touch]:
    path = parameters.get("path")
    if not isinstance(path, str):
        return [Touch(kind="write", what="…")]
    return [Touch(kind="write", what=name) for name in _paths(path)]


def _keep(parameters: Params, ctx: ActionContext) -> Kept:
    workspace = workspace_of(ctx)
    return {"files": [take(workspace, path) for path in _paths(str(parameters["path"]))]}


def _bring_back(parameters: Params, kept: object, ctx: ActionContext) -> None:  # noqa: ARG001
    for before in cast("dict[str, list[Kept]]", kept)["files"]:
        restore(workspace_of(ctx), before, key=ctx.idempotency_key)


@tool(name="report.write", effect="idempotent", prepare=_keep, revert=_bring_back, touches=_touches)
def write(
    path: Annotated[str, Limit(min_length=1)],
    title: str,
    *,
    ctx: ActionContext,
    items: object = None,
    body: str = "",
    chart: Chart | bool = True,
    language: str = "",
    max_text: Annotated[int, Limit(ge=100)] = 5_000,
) -> Report:
    """Write a report as Markdown and as one self-contained HTML page beside it.

    Args:
        path: The Markdown file, relative to the workspace; the page has the same name and ends with `.html`.
        title: What stands at the top.
        items: What to report: a list or a mapping of anything. Rows become a table, other items a section each; text
            is read as Markdown.
        body: Markdown that stands before the items.
        chart: What to draw of the items; `false` for nothing. Named numbers are drawn by themselves.
        language: The page's language, such as `en`.
        max_text: Longer texts among the items are cut, and say so.
    """
    page_path = _paths(path)[1]
    blocks = _blocks(title, items, body, chart, max_text)
    markdown, page = encode(markdown_of(blocks)), encode(page_of(title, blocks, language=language))
    workspace = workspace_of(ctx)
    written = write_bytes(workspace, _paths(path)[0], markdown, key=ctx.idempotency_key)
    beside = write_bytes(workspace, page_path, page, key=ctx.idempotency_key)
    return Report(path=written["path"], html_path=beside["path"], size=len(markdown) + len(page))


def _blocks(title: str, items: object, body: str, chart: Chart | bool, max_text: int) -> list[Block]:  # noqa: FBT001
    blocks: list[Block] = [Heading(1, literal(title)), *read_markdown(body, level=2)]
    if items is None:
        return blocks
    picture: Bars | None = None
    if chart is not False:
        picture = chart_of(items, None if chart is True else cast("dict[str, object]", chart))
    if picture:
        blocks.append(picture)
    return [*blocks, *Contents(max_text).of(items)]
