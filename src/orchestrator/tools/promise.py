"""What a user's function promises by its annotations, held to it: the place of what it raises, the form of what it returns.

Built-in tools are not watched: their tests do that, once.
"""

from collections.abc import Callable, Coroutine, Mapping
from types import CodeType
from typing import TYPE_CHECKING, cast

from orchestrator.core.action import ActionOutcome
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import ActionError

if TYPE_CHECKING:
    from orchestrator.core.schema import Validator

_PLAIN = frozenset({type(None), bool, int, float, str})


class Promise:
    """One function's result schema, and where the function stands."""

    __slots__ = ("_code", "_name", "_schema", "_validate")

    def __init__(self, function: Callable[..., object], schema: Mapping[str, object]) -> None:
        self._code = cast("CodeType | None", getattr(function, "__code__", None))
        self._name = function.__qualname__
        self._schema = schema
        self._validate: Validator | None = None

    def kept(self, result: object) -> object:
        """Return the result; raises `ActionError` (`bad_output`) for one that does not fit the annotation."""
        value = result.value if isinstance(result, ActionOutcome) else result
        if not self._schema or not _may_be_plain(value):
            return result  # an object of a class is what it is
        if self._validate is None:
            from orchestrator.core.schema import compile_schema

            self._validate = compile_schema(self._schema)
        misfits = self._validate(value)
        if misfits and _is_plain(value):
            where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in misfits[0].path)
            told = f"{where.lstrip('.')}: {misfits[0].message}" if where else misfits[0].message
            raise ActionError(
                f"the result of {self._name} does not fit what it says it returns: {told}{self._place()}",
                error_class="bad_output",
                details=value,
            )
        return result

    async def kept_later(self, work: Coroutine[object, object, object]) -> object:
        """Wait for a result and hold it to the promise."""
        try:
            return self.kept(await work)
        except ActionError:
            raise
        except Exception as error:
            self.note_place(error)
            raise

    def note_place(self, error: Exception) -> None:
        """Note on an exception the line of the function's own file that led to it: the deepest one."""
        line, trace = 0, error.__traceback__
        while trace is not None and self._code is not None:
            if trace.tb_frame.f_code.co_filename == self._code.co_filename:
                line = trace.tb_lineno
            trace = trace.tb_next
        if line and self._code is not None:
            error.add_note(f"at {_file_name(self._code)}:{line}")

    def _place(self) -> str:
        return f" — {_file_name(self._code)}:{self._code.co_firstlineno}" if self._code else ""


def _file_name(code: CodeType) -> str:
    return code.co_filename.replace("\\", "/").rpartition("/")[2]


def _may_be_plain(value: object) -> bool:
    return type(value) in _PLAIN or isinstance(value, dict | list | tuple)


def _is_plain(value: object) -> bool:
    """Whether a value is made of JSON's own kinds; what else there is becomes plain only later."""
    if is_mapping(value):
        return all(_is_plain(item) for item in value.values())
    if is_list(value):
        return not hasattr(value, "_fields") and all(_is_plain(item) for item in value)
    return type(value) in _PLAIN
