"""Where a tool's function stands."""

from collections.abc import Callable
from types import CodeType
from typing import cast


def is_built_in(function: Callable[..., object]) -> bool:
    """Whether a function is one of py-orc's own."""
    return function.__module__.startswith("orchestrator.tools.")


def place_of(function: Callable[..., object]) -> str:
    """Return file, line and name of a function."""
    code = cast("CodeType | None", getattr(function, "__code__", None))
    if code is None:
        return f"{function.__qualname__} ({function.__module__})"
    return f"{code.co_filename}:{code.co_firstlineno}: {function.__qualname__}"
