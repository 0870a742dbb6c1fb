"""Rows against a JSON Schema."""

from collections.abc import Sequence
from typing import TypedDict

from orchestrator.core.schema import compile_schema
from orchestrator.errors import ActionError
from orchestrator.tools.data.row import Row
from orchestrator.tools.tool import tool


class RowMisfit(TypedDict):
    """One place where a row does not fit."""

    row: int
    """From 0."""
    path: str
    message: str


class Verdict(TypedDict):
    """Which rows fit."""

    ok: bool
    valid: list[Row]
    invalid: list[Row]
    misfits: list[RowMisfit]


@tool(name="data.validate", effect="pure")
def validate(rows: list[Row], schema: dict[str, object], *, check: bool = False) -> Verdict:
    """Check every row against a JSON Schema and part those that fit from those that do not.

    Args:
        rows: The table.
        schema: What a row must be.
        check: Fail when a row does not fit.
    """
    try:
        misfits_of = compile_schema(schema)
    except ValueError as error:
        raise ActionError(f"`schema` is no JSON Schema: {error}", error_class="invalid_request") from error
    verdict = Verdict(ok=True, valid=[], invalid=[], misfits=[])
    for number, row in enumerate(rows):
        found = misfits_of(row)
        verdict["invalid" if found else "valid"].append(row)
        verdict["misfits"] += (
            RowMisfit(row=number, path=_path(misfit.path), message=misfit.message) for misfit in found
        )
    verdict["ok"] = not verdict["invalid"]
    if check and not verdict["ok"]:
        raise _failed(verdict)
    return verdict


def _failed(verdict: Verdict) -> ActionError:
    shown = [
        f"row {misfit['row']}: {misfit['path']}: {misfit['message']}" for misfit in verdict["misfits"][:10]
    ]
    more = len(verdict["misfits"]) - len(shown)
    lines = [*shown, f"and {more} more"] if more else shown
    return ActionError(
        f"{len(verdict['invalid'])} rows do not fit the schema:\n" + "\n".join(lines),
        error_class="bad_output",
        retryable=False,
        details=verdict["misfits"],
    )


def _path(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path) or "the row"
