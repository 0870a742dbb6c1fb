"""Where a project is, and where its state lies unless somebody says otherwise."""

from os.path import isdir, lexists
from pathlib import Path

from orchestrator.errors import SetupError

FILE = "py-orc.toml"
STATE_FOLDER = ".py-orc"
PREFIX = "ORC_"


def project_root(folder: Path) -> Path:
    """Return the nearest folder upwards with settings or state of py-orc, or the folder itself."""
    for place in (folder, *folder.parents):
        if lexists(place / FILE) or isdir(place / STATE_FOLDER):  # noqa: PTH112 - pathlib raises where one may not look
            return place
    return folder


def default_store(root: Path) -> str:
    """Return the address of the store that a project has unless somebody says otherwise."""
    return f"sqlite:{root / STATE_FOLDER / 'orc.db'}"


def in_folder(store: str, folder: Path) -> str:
    """Return the address of a store with a relative path made absolute."""
    kind, colon, place = store.partition(":")
    if kind not in {"sqlite", "files"} or not place:
        return store
    return f"{kind}{colon}{path_in(folder, place.removeprefix('//'))}"


def path_in(folder: Path, written: str) -> Path:
    """Return a path that may be relative to the folder or begin with `~`; raises `SetupError` for what is none."""
    if "\0" in written:
        raise SetupError(f"{written!r} is no path", hint="take the NUL character out.")
    try:
        return folder / Path(written).expanduser()
    except RuntimeError:
        user = written.partition("/")[0]
        raise SetupError(
            f"{written} is no path: nobody knows the home of {user}", hint="write it out."
        ) from None


def current_folder(directory: str | Path) -> Path:
    """Return a folder with its whole path; raises `SetupError` where the current one was removed."""
    try:
        return Path(directory).resolve()
    except FileNotFoundError:
        raise SetupError("the current folder was removed", hint="go to one that exists.") from None
