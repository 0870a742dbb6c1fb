"""Comma-separated values, with types only where nothing is lost."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from orchestrator.errors import ActionError
from orchestrator.tools.data.row import Row, columns_of

MAX_CELL: Final = 100_000_000


class CsvOptions(NamedTuple):
    """How a CSV file is to be read."""

    delimiter: str = ","
    header: bool = True
    infer: bool = True


def read_csv(path: str, text: str, options: CsvOptions) -> list[Row]:
    """Return the rows of a CSV file; raises ActionError, with the line, for what is no table."""
    import csv
    import io

    csv.field_size_limit(MAX_CELL)  # of the whole process, and always the same
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter, strict=True)
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except (csv.Error, TypeError) as error:
        raise ActionError(f"{path} cannot be read as CSV: {error}", error_class="invalid_request") from error
    if not lines:
        return []
    names = lines.pop(0)[1] if options.header else [f"column_{n + 1}" for n in range(len(lines[0][1]))]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ActionError(f"{path} has two columns named {twice!r}", error_class="invalid_request")
    for number, cells in lines:
        if len(cells) > len(names):
            raise ActionError(
                f"{path}:{number}: {len(cells)} cells for {len(names)} columns", error_class="invalid_request"
            )
        cells += [""] * (len(names) - len(cells))
    columns = [_column([cells[place] for _, cells in lines], options.infer) for place in range(len(names))]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)] if lines else []


def write_csv(rows: Sequence[Row], delimiter: str = ",") -> str:
    """Return rows as CSV: null as an empty cell, lists and mappings as JSON."""
    import csv
    import io

    columns = columns_of(rows)
    file = io.StringIO(newline="")
    try:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    except TypeError as error:
        raise ActionError(f"`delimiter` {delimiter!r}: {error}", error_class="invalid_request") from error
    return file.getvalue()


def _column(cells: list[str], infer: bool) -> Sequence[object]:  # noqa: FBT001
    """Type a column when every cell that is not empty says the same kind of thing."""
    given = {cell for cell in cells if cell}
    if not infer or not given:
        return cells
    if given <= {"true", "false"}:
        known: dict[str, object] = {"true": True, "false": False}
    else:
        known = {cell: _number(cell) for cell in given}
        if None in known.values():
            return cells
    return [known[cell] if cell else None for cell in cells]


def _number(cell: str) -> int | float | None:
    """Return the number that would be written as just this text."""
    for kind in (int, float):
        try:
            number = kind(cell)
        except ValueError:
            continue
        if repr(number) == cell and cell not in ("nan", "inf", "-inf"):
            return number
    return None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
