"""A Python file as a module, found by its path instead of its name."""

import hashlib
import sys
from pathlib import Path
from types import ModuleType

from orchestrator.errors import SetupError
from orchestrator.tools.misuse import ToolMisuseError


def digest_of(path: str | Path) -> str:
    """Return the digest of a tools file, which a run's journal keeps."""
    return hashlib.sha256(read_source(path)).hexdigest()[:32]


def load_module(path: str | Path, *, expect: str = "") -> ModuleType:
    """Return the module of a tools file, executed once per content.

    Args:
        path: The file.
        expect: The digest it must have; a file that was changed meanwhile is refused.
    """
    source = read_source(path)
    digest = hashlib.sha256(source).hexdigest()[:32]
    if expect and digest != expect:
        raise SetupError(f"{path} was changed while it was in use", hint="start the run again.")
    full = str(Path(path).resolve())
    name = f"orchestrator_tools_{hashlib.sha256(full.encode()).hexdigest()[:8]}_{digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    return _executed(name, full, source)


def _executed(name: str, full: str, source: bytes) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = full
    sys.modules[name] = module  # before it runs: dataclasses and pickle look a class's module up there
    try:
        exec(compile(source, full, "exec"), vars(module))  # noqa: S102 # the user asked for this file
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, ToolMisuseError):
            raise SetupError(f"{full}:{_line_of(error, full)}: {error.message}", hint=error.hint) from error
        if isinstance(error, KeyboardInterrupt | SetupError):
            raise
        raise unloadable(full, error) from error
    return module


def read_source(path: str | Path) -> bytes:
    """Return the file's bytes; raises SetupError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}", hint="check the path.") from error


def unloadable(path: str | Path, error: BaseException) -> SetupError:
    """Return the error for a file that does not parse or raises while it is executed, with the line."""
    line = _line_of(error, str(path))
    where = f"{path}:{line}" if line else str(path)
    text = _text_of(error)
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return SetupError(f"{where} cannot be loaded: {what}", hint="correct the file.")


def _text_of(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it ends the program"
    if isinstance(error, SyntaxError):
        return error.msg
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the text of an exception is the user's code too
        return ""


def _line_of(error: BaseException, path: str) -> int:
    """Return the deepest line of the file itself in the error's trace; 0 when it has none."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
