"""Parquet files, through polars."""

import io
from collections.abc import Sequence

from orchestrator.errors import ActionError, SetupError
from orchestrator.tools.data.row import Row, columns_of


def read_parquet(path: str, content: bytes) -> list[Row]:
    """Return the rows of a Parquet file; raises SetupError without polars."""
    try:
        import polars as pl
    except ImportError as error:
        raise _missing() from error
    try:
        return pl.read_parquet(io.BytesIO(content)).to_dicts()
    except pl.exceptions.PolarsError as error:
        raise ActionError(
            f"{path} is no Parquet file: {_first_line(error)}", error_class="invalid_request"
        ) from error


def write_parquet(rows: Sequence[Row]) -> bytes:
    """Return rows as a Parquet file; raises ActionError for columns of mixed types, SetupError without polars."""
    try:
        import polars as pl
    except ImportError as error:
        raise _missing() from error
    file = io.BytesIO()
    try:
        columns = {name: [row.get(name) for row in rows] for name in columns_of(rows)}
        pl.DataFrame(columns, strict=True).write_parquet(file)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise ActionError(
            f"the rows cannot be written as Parquet, which wants one type per column: {_first_line(error)}",
            error_class="invalid_request",
        ) from error
    return file.getvalue()


def _missing() -> SetupError:
    return SetupError("Parquet files need polars", hint='install it with: pip install "py-orc[data]"')


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
