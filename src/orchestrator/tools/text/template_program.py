"""The program that renders a document with Jinja2: the only place that imports it."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.loaders import FunctionLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.errors import ActionError
from orchestrator.tools.files import read_text
from orchestrator.tools.text.regex_program import Task, limit_memory
from orchestrator.tools.workspace import Workspace


class Environment(ImmutableSandboxedEnvironment):
    """Jinja2's strictest environment, without the functions that reach beyond the data."""

    intercepted_binops = frozenset({"*", "**", "%", "<<"})

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Compute, unless the result would be enormous: memory is limited, but a clear message is better."""
        if operator in ("*", "**") and _is_enormous(operator, left, right):
            raise SecurityError(f"the result of {operator} would be too large")
        return super().call_binop(context, operator, left, right)  # pyright: ignore[reportArgumentType]


def render(task: Task) -> Task:
    """Return the answer to a task."""
    workspace = Workspace(str(task["workspace"]))
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=bool(task["escape"]),
        keep_trailing_newline=True,
        loader=FunctionLoader(_loader(workspace, int(str(task["max_template"])))),
    )
    for name in ("lipsum", "cycler", "joiner"):
        environment.globals.pop(name, None)
    limit = int(str(task["max_size"]))
    name = str(task["name"])
    try:
        compiled = environment.from_string(str(task["source"]))
        return _bounded(compiled.generate(cast("dict[str, object]", task["data"])), limit)
    except TemplateSyntaxError as error:
        return {"error": f"{error.name or name}:{error.lineno}: {error.message}", "class": "invalid_request"}
    except TemplateNotFound as error:
        return {"error": f"there is no template {error.name!r} in the workspace", "class": "not_found"}
    except SecurityError as error:
        return {"error": str(error), "class": "permission"}
    except TemplateError as error:
        return {"error": f"{name}:{_line(error)}: {error.message}", "class": "template"}
    except ActionError as error:
        return {"error": error.message, "class": error.error_class}
    except (MemoryError, OverflowError, RecursionError):
        return {"error": "it needs too much memory or nests too deeply", "class": "invalid_request"}
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        return {"error": f"{name}:{_line(error)}: {error}", "class": "template"}


def _bounded(pieces: Iterator[str], limit: int) -> Task:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece.encode(errors="surrogatepass"))
        if size > limit:
            return {"error": f"the document is larger than {limit} bytes; raise `max_size`"}
        kept.append(piece)
    return {"value": "".join(kept)}


def _loader(workspace: Workspace, max_bytes: int) -> Callable[[str], str | None]:
    """Read includes and bases from the workspace only; a missing one is the template's error."""

    def load(name: str) -> str | None:
        try:
            return read_text(workspace, name, max_bytes=max_bytes)
        except ActionError as error:
            if error.error_class == "not_found":
                return None
            raise

    return load


def _is_enormous(operator: str, left: object, right: object) -> bool:
    if operator == "**":
        return isinstance(right, int | float) and abs(right) > 1_000
    sized, times = (left, right) if isinstance(right, int) else (right, left)
    if not isinstance(sized, str | list | tuple) or not isinstance(times, int):
        return False
    return len(cast("Sequence[object]", sized)) * times > 10_000_000


def _line(error: BaseException) -> int:
    """Return the line of the template that raised: Jinja2 writes its lines into the trace."""
    line, trace = 1, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def main() -> None:
    """Read a task, answer it."""
    given: Task = json.load(sys.stdin)
    limit_memory(int(str(given["memory"])))
    json.dump(render(given), sys.stdout)
