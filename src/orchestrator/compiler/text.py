"""The text of one file, and places in it."""

from bisect import bisect_right
from itertools import accumulate
from re import finditer

from orchestrator.errors import Location


class Text:
    """A file's name and content; lines are found when the first error asks for them."""

    __slots__ = ("_starts", "content", "file")

    def __init__(self, content: str, file: str) -> None:
        self.content = content.removeprefix("\ufeff")
        self.file = file
        self._starts: list[int] | None = None

    def location(self, index: int, length: int) -> Location:
        """Return the place of a stretch; one that passes the end of its line is cut there."""
        starts = self._starts or self._line_starts()
        at = bisect_right(starts, index)
        start = starts[at - 1]
        excerpt = self.content[start : starts[at] if at < len(starts) else None].rstrip("\r\n")
        column = min(index - start, len(excerpt))
        return Location(self.file, at, column + 1, max(1, min(length, len(excerpt) - column)), excerpt)

    def line(self, index: int) -> str:
        """Return the line of a character without its break."""
        starts = self._line_starts()
        at = bisect_right(starts, index)
        end = starts[at] if at < len(starts) else len(self.content)
        return self.content[starts[at - 1] : end].rstrip("\r\n")

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            if "\r" in self.content:
                self._starts = [0, *(match.end() for match in finditer(r"\r\n|\n|\r", self.content))]
            else:
                lengths = map(len, self.content.split("\n"))
                self._starts = [0, *accumulate(map((1).__add__, lengths))][:-1]
        return self._starts
