"""Tables and documents in files."""

from pathlib import PurePosixPath
from typing import Literal, TypedDict, get_args

from orchestrator.core.action import ActionContext
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.suggestion import suggestion
from orchestrator.errors import ActionError
from orchestrator.tools.data.csv_format import CsvOptions, read_csv, write_csv
from orchestrator.tools.data.json_format import read_json, read_lines, write_json, write_lines
from orchestrator.tools.data.row import Row, columns_of
from orchestrator.tools.files import (
    Written,
    decode,
    encode,
    file_fingerprint,
    read_bytes,
    read_touches,
    workspace_of,
    write_bytes,
    written_touches,
)
from orchestrator.tools.snapshot import keep_file, restore_file
from orchestrator.tools.tool import tool

Format = Literal["csv", "tsv", "json", "jsonl", "yaml", "parquet"]

MAX_BYTES = 100_000_000

_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".parquet": "parquet",
}


class Loaded(TypedDict):
    """What a data file holds."""

    rows: list[Row]
    """The table; empty when the file is no list of mappings."""
    columns: list[str]
    count: int
    value: object
    """The whole document when it is no list of mappings; null otherwise."""
    path: str


@tool(name="data.read", effect="read", fingerprint=file_fingerprint, touches=read_touches)
def read(
    path: str,
    *,
    ctx: ActionContext,
    format: Format | None = None,  # noqa: A002 # a parameter of the language
    encoding: str = "utf-8",
    delimiter: str = "",
    header: bool = True,
    infer: bool = True,
    max_bytes: int = MAX_BYTES,
) -> Loaded:
    """Read a table or document: CSV, TSV, JSON, JSON Lines, YAML or Parquet.

    Args:
        path: The file, relative to the workspace.
        format: What it is, when its suffix does not say so.
        encoding: How its bytes mean text.
        delimiter: What parts the cells of a CSV file; a comma or, for TSV, a tab otherwise.
        header: Whether the first line of a CSV file names the columns; otherwise they are `column_1` and so on.
        infer: Turn CSV columns into numbers or truth values where every cell would be written the same way again, so
            that `007` and `1.50` stay text; empty cells of such columns become null.
        max_bytes: A larger file is an error.
    """
    workspace = workspace_of(ctx)
    kind = _format(path, format)
    content = read_bytes(workspace, path, max_bytes=max_bytes)
    options = CsvOptions(delimiter or ("\t" if kind == "tsv" else ","), header=header, infer=infer)
    value = _parsed(kind, path, content, encoding, options)
    where = workspace.relative(path)
    if is_list(value) and all(is_mapping(item) for item in value):
        rows: list[Row] = [dict(item) for item in value if is_mapping(item)]
        return Loaded(rows=rows, columns=columns_of(rows), count=len(rows), value=None, path=where)
    return Loaded(rows=[], columns=[], count=0, value=value, path=where)


@tool(name="data.write", effect="idempotent", prepare=keep_file, revert=restore_file, touches=written_touches)
def write(
    path: str,
    data: object,
    *,
    ctx: ActionContext,
    format: Format | None = None,  # noqa: A002 # a parameter of the language
    encoding: str = "utf-8",
    delimiter: str = "",
    create_directories: bool = True,
) -> Written:
    """Write a table or document: CSV, TSV, JSON, JSON Lines, YAML or Parquet.

    Args:
        path: The file, relative to the workspace.
        data: The rows; for JSON and YAML anything.
        format: What to write, when the suffix does not say so.
        encoding: How text becomes bytes.
        delimiter: What parts the cells of a CSV file.
        create_directories: Make missing folders.
    """
    kind = _format(path, format)
    delimiter = delimiter or ("\t" if kind == "tsv" else ",")
    return write_bytes(
        workspace_of(ctx),
        path,
        _written(kind, data, encoding, delimiter),
        key=ctx.idempotency_key,
        create_directories=create_directories,
    )


def _format(path: str, given: Format | None) -> Format:
    if given:
        return given
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ActionError(
            f"{path} does not say what it holds; set `format` to one of {', '.join(get_args(Format))}"
            + (f" ({suggestion(suffix, _SUFFIXES)})" if suffix else ""),
            error_class="invalid_request",
        )
    return _SUFFIXES[suffix]


def _parsed(kind: Format, path: str, content: bytes, encoding: str, options: CsvOptions) -> object:
    if kind == "parquet":
        from orchestrator.tools.data.parquet_format import read_parquet

        return read_parquet(path, content)
    text = decode(path, content, encoding).removeprefix("\ufeff")
    if kind == "json":
        return read_json(path, text)
    if kind == "jsonl":
        return read_lines(path, text)
    if kind == "yaml":
        from orchestrator.tools.data.yaml_format import read_yaml

        return read_yaml(path, text)
    return read_csv(path, text, options)


def _written(kind: Format, data: object, encoding: str, delimiter: str) -> bytes:
    if kind == "json":
        return encode(write_json(data), encoding)
    if kind == "yaml":
        from orchestrator.tools.data.yaml_format import write_yaml

        return encode(write_yaml(data), encoding)
    if kind == "jsonl":
        return encode(write_lines(data), encoding)
    rows = _rows(data)
    if kind == "parquet":
        from orchestrator.tools.data.parquet_format import write_parquet

        return write_parquet(rows)
    return encode(write_csv(rows, delimiter), encoding)


def _rows(data: object) -> list[Row]:
    if is_mapping(data) and "rows" in data:  # what the other actions of `data` give
        data = data["rows"]
    if not is_list(data) or not all(is_mapping(item) for item in data):
        raise ActionError(
            "`data` must be a list of mappings to be written as a table", error_class="invalid_request"
        )
    return [dict(item) for item in data if is_mapping(item)]
