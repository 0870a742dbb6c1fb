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


def main(source: Path, destination: Path) -> int:
    """Make the destination hold exactly the source's documents; returns the exit code."""
    if not source.is_dir():
        print(f"{source} is not a folder\n→ name one: make demo DIR=path/to/documents", file=sys.stderr)
        return 2
    found = sorted(documents(source.resolve()))
    if len(found) > MAX_FILES:
        print(f"{len(found)} documents; the first {MAX_FILES} are taken", file=sys.stderr)
        found = found[:MAX_FILES]
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    for path in found:
        copy = destination / path.relative_to(source.resolve())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8-sig", errors="replace"), encoding="utf-8")
    return 0


def documents(folder: Path) -> Iterator[Path]:
    """Yield the text documents below a folder; what is hidden, large or a link is left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if is_document(path) and path.stat().st_size <= MAX_BYTES:
                yield path


def is_document(path: Path) -> bool:
    """Tell whether a file is a text document of its own."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_symlink()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
