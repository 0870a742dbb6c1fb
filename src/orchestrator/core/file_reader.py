"""The contract by which the compiler gets the other files that a pipeline names: bases, includes, sub-pipelines."""

from typing import Protocol


class FileReader(Protocol):
    """Reads files by the names that pipelines give them."""

    def read(self, name: str, relative_to: str) -> tuple[str, str]:
        """Return the path and the text of a file.

        `relative_to` is the path of the file that names it; the path that comes back names the file itself, the same for
        every way to it. Raises `OSError` when the file cannot be read, and `SetupError` when it lies outside the folders
        that may be read or is no text.
        """
        ...
