"""The decision records by their titles."""

from pathlib import Path


def decisions(folder: Path) -> str:
    """Return a link to each decision of a folder."""
    titles = {path: path.read_text(encoding="utf-8").split("\n")[0] for path in folder.glob("0*.md")}
    return "\n".join(f"- [{title.removeprefix('# ')}]({path.name})" for path, title in sorted(titles.items()))
