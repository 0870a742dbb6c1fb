"""The parts of a report, whatever it is written as. All text in them is Markdown's inline text, unless it says raw."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the report's title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some prose."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text as it is, in a fixed pitch."""

    raw: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Points; each one is a list of blocks, the first of which stands beside the bullet."""

    points: "tuple[tuple[Block, ...], ...]"
    start: int | None = None
    """The first number; None for bullets."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody else's words."""

    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    """Columns that are set to the right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Short values with their names."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Details:
    """What is there for those who want to look closer; a page shows it on demand."""

    title: str
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Rule:
    """A break."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Named numbers as a chart."""

    title: str
    labels: tuple[str, ...]
    """Raw text."""
    series: "tuple[Series, ...]"
    line: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One number per label; None leaves a gap."""

    name: str
    values: tuple[float | None, ...] = field(default=())


Block = Heading | Paragraph | Code | Listing | Quote | Table | Facts | Details | Rule | Bars
