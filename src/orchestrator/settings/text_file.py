"""A settings file as text: what cannot be read is told with its place, never passed over."""

from pathlib import Path

from orchestrator.errors import SetupError

MAX_BYTES = 1_000_000


def read_text_file(path: Path) -> str:
    """Return the text of a file, empty where there is none; raises `SetupError` for one that is not to be read."""
    try:
        content = _content(path)
    except FileNotFoundError:
        if path.is_symlink():
            raise SetupError(f"{path} leads nowhere", hint="mend the link, or remove it.") from None
        return ""
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}", hint="check its permissions.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SetupError(f"{path}:{line} is not UTF-8 text", hint="save the file as UTF-8.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SetupError(
            f"{path}:{line} holds a NUL character", hint="take it out, or save the file as UTF-8."
        )
    return text


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "no ordinary file"
        raise SetupError(f"{path} is {kind}", hint="remove it, or put a file of settings in its place.")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SetupError(f"{path} is larger than {MAX_BYTES:,} bytes", hint="keep settings alone in it.")
    return content
