"""The parts of a report, whatever it is written as. All text in them is Markdown's inline text, unless it says raw."""

from msgspec import Struct, field


class Heading(Struct, frozen=True):
    """A heading; level 1 is the report's title."""

    level: int
    text: str


class Paragraph(Struct, frozen=True):
    """Some prose."""

    text: str


class Code(Struct, frozen=True):
    """Text as it is, in a fixed pitch."""

    raw: str
    language: str = ""


class Listing(Struct, frozen=True):
    """Points; each one is a list of blocks, the first of which stands beside the bullet."""

    points: "tuple[tuple[Block, ...], ...]"
    start: int | None = None
    """The first number; None for bullets."""


class Quote(Struct, frozen=True):
    """Somebody else's words."""

    blocks: "tuple[Block, ...]"


class Table(Struct, frozen=True):
    """Cells in rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    """Columns that are set to the right."""


class Facts(Struct, frozen=True):
    """Short values with their names."""

    pairs: tuple[tuple[str, str], ...]


class Details(Struct, frozen=True):
    """What is there for those who want to look closer; a page shows it on demand."""

    title: str
    blocks: "tuple[Block, ...]"


class Rule(Struct, frozen=True):
    """A break."""


class Bars(Struct, frozen=True):
    """Named numbers as a chart."""

    title: str
    labels: tuple[str, ...]
    """Raw text."""
    series: "tuple[Series, ...]"
    line: bool = False


class Series(Struct, frozen=True):
    """One number per label; None leaves a gap."""

    name: str
    values: tuple[float | None, ...] = field(default=())


Block = Heading | Paragraph | Code | Listing | Quote | Table | Facts | Details | Rule | Bars
