"""Copies the text documents of a folder into a workspace: a run reads and writes there only, never in the folder itself.

python mirror.py SOURCE DESTINATION
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = frozenset({".md", ".rst", ".txt"})
SKIPPED = frozenset({"node_modules", "demo-output", "__pycache__"})
MAX_BYTES = 1_000_000
MAX_FILES = 300
FEWEST_WORDS = 3


def main(source: Path, destination: Path) -> int:
    """Make the destination hold exactly the source's documents; returns the exit code."""
    if not source.is_dir():
        print(f"{source} is not a folder\n→ name one: make demo DIR=path/to/documents", file=sys.stderr)
        return 2
    folder = source.resolve()
    found = sorted(documents(folder))
    if len(found) > MAX_FILES:
        print(f"{len(found)} documents; the first {MAX_FILES} are taken", file=sys.stderr)
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    for path in found[:MAX_FILES]:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if len(text.split()) >= FEWEST_WORDS:
            copy = destination / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")
    return 0


def documents(folder: Path) -> Iterator[Path]:
    """Yield the text documents below a folder; what is hidden, large or a link is left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and is_plain(name)]
        for name in names:
            path = Path(parent, name)
            if is_plain(name) and path.suffix.lower() in SUFFIXES and is_small_file(path):
                yield path


def is_plain(name: str) -> bool:
    """Tell whether a name is not hidden, and text that can be printed."""
    return not name.startswith(".") and name.isprintable()


def is_small_file(path: Path) -> bool:
    """Tell whether a path is an ordinary file, no link, and not too large."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_BYTES


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
