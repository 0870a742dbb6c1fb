"""Whole documents from Jinja2 templates, rendered in a sandbox in a process that can be killed."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final, TypedDict, cast

from orchestrator.core.action import ActionContext, Params, Touch
from orchestrator.errors import ActionError
from orchestrator.tools.files import read_text, workspace_of
from orchestrator.tools.isolated import Job, run_isolated
from orchestrator.tools.limit import Limit
from orchestrator.tools.tool import tool

MAX_TEMPLATE: Final = 1_000_000

_START: Final = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from orchestrator.tools.text.template_program import main
main()
"""


class Document(TypedDict):
    """A rendered document."""

    text: str


def _touches(parameters: Params) -> list[Touch]:
    file = parameters.get("file")
    return [Touch(kind="read", what=str(file))] if file else []


@tool(name="text.template", effect="read", touches=_touches)
async def template(
    *,
    ctx: ActionContext,
    text: str | None = None,
    file: str | None = None,
    data: dict[str, object] | None = None,
    escape: bool = False,
    max_size: Annotated[int, Limit(ge=1)] = 10_000_000,
    timeout: Annotated[float, Limit(gt=0)] = 10.0,  # noqa: ASYNC109 # a parameter of the language
) -> Document:
    """Render a document with Jinja2; an undefined name is an error, and data is never read as a template.

    Args:
        text: The template; in a pipeline file, written inside `{% raw %}`.
        file: A template in the workspace, instead of `text`.
        data: The names that the template sees.
        escape: Escape values for HTML.
        max_size: More bytes are an error.
        timeout: Seconds after which it is given up.
    """
    if (text is None) == (file is None):
        raise ActionError("give either `text` or `file`", error_class="invalid_request")
    source = text if text is not None else read_text(workspace_of(ctx), str(file), max_bytes=MAX_TEMPLATE)
    task = {
        "source": source,
        "name": file or "text",
        "data": data or {},
        "escape": escape,
        "workspace": ctx.workspace,
        "max_size": max_size,
        "max_template": MAX_TEMPLATE,
    }
    job = Job(
        what=f"the template {file}" if file else "the template",
        arguments=("-c", _START, json.dumps([entry for entry in sys.path if Path(entry).is_absolute()])),
        task=task,
        seconds=timeout,
        max_output=max_size * 6 + 1_000,  # JSON may write a character with six
    )
    return Document(text=cast("str", await run_isolated(job, ctx)))
