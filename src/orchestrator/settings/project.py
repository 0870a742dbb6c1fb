"""Where a project is, and where its state lies unless somebody says otherwise."""

from pathlib import Path

FILE = "py-orc.toml"
STATE_FOLDER = ".py-orc"
PREFIX = "ORC_"


def project_root(folder: Path) -> Path:
    """Return the nearest folder upwards with settings or state of py-orc, or the folder itself."""
    for place in (folder, *folder.parents):
        if (place / FILE).is_file() or (place / STATE_FOLDER).is_dir():
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
    return f"{kind}{colon}{folder / Path(place.removeprefix('//')).expanduser()}"
