"""Which columns: select and rename, derive new ones."""

from orchestrator.tools.data.formula import each_value
from orchestrator.tools.data.row import Row, Rows, check_columns, table
from orchestrator.tools.tool import tool


@tool(name="data.select", effect="pure")
def select(rows: list[Row], columns: list[str] | dict[str, str]) -> Rows:
    """Keep some columns, in a given order; a missing value is null.

    Args:
        rows: The table.
        columns: Their names, or a mapping of new names to old ones.
    """
    names = columns if isinstance(columns, dict) else {name: name for name in columns}
    check_columns(rows, names.values(), what="columns")
    return table([{new: row.get(old) for new, old in names.items()} for row in rows], list(names))


@tool(name="data.derive", effect="pure")
def derive(rows: list[Row], columns: dict[str, str]) -> Rows:
    """Add or replace columns by expressions.

    Args:
        rows: The table.
        columns: New names with expressions over `row` and `index`, without braces; later ones see earlier ones.
    """
    made = [dict(row) for row in rows]
    for name, text in columns.items():
        for row, value in zip(made, list(each_value(text, made, what=f"columns.{name}")), strict=True):
            row[name] = value
    return table(made)
