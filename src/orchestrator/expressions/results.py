"""What operators, filters and methods take and give, as far as it is always the same."""

from collections.abc import Mapping

from orchestrator.expressions.filters.text import TEXT_FILTERS
from orchestrator.expressions.shapes import BOOLEAN, INTEGER, LIST, NUMBER, STRING, UNKNOWN, Shape, is_only

NUMERIC = frozenset(("integer", "number", "boolean"))
"""The types that count as numbers, as in Python."""

_TEXTS: Shape = {"type": "array", "items": STRING}

FILTER_RESULTS: Mapping[str, Shape] = {
    **dict.fromkeys(TEXT_FILTERS, STRING),
    **dict.fromkeys(
        ("filesizeformat", "join", "pprint", "to_json", "tojson", "regex_replace", "date"), STRING
    ),
    **dict.fromkeys(("count", "length", "wordcount"), INTEGER),
    **dict.fromkeys(("batch", "dictsort", "groupby", "items", "map", "slice", "regex_findall"), LIST),
    "regex_match": BOOLEAN,
    "regex_search": {"type": ["null", "string"]},
    "split": _TEXTS,
}

METHOD_RESULTS: Mapping[str, Shape] = {
    **dict.fromkeys(
        ("capitalize", "casefold", "center", "expandtabs", "join", "ljust", "lower", "lstrip", "removeprefix",
         "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "upper", "zfill"),
        STRING,
    ),
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), INTEGER),
    **dict.fromkeys(("endswith", "startswith", "is_integer", "changed"), BOOLEAN),
    **dict.fromkeys(
        ("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
         "isprintable", "isspace", "istitle", "isupper"),
        BOOLEAN,
    ),
    **dict.fromkeys(("split", "rsplit", "splitlines"), _TEXTS),
    **dict.fromkeys(("items", "keys", "values"), LIST),
}  # fmt: skip


def fits(operator: str, left: str, right: str) -> bool:
    """Tell whether an operator takes two types."""
    if left in NUMERIC and right in NUMERIC:
        return True
    if operator == "%":
        return left == "string"
    if operator == "+":
        return left == right and left in {"string", "array"}
    if operator == "*":
        return {left, right} in (
            {"integer", "string"},
            {"integer", "array"},
            {"boolean", "string"},
            {"boolean", "array"},
        )
    return False


def comparable(left: str, right: str) -> bool:
    """Tell whether two types have an order."""
    return (left in NUMERIC and right in NUMERIC) or (left == right and left in {"string", "array"})


def result_of(operator: str, left: frozenset[str], right: frozenset[str]) -> Shape:
    """Return what an operator gives."""
    if not left or not right:
        return UNKNOWN
    if is_only(left, "string") and (operator == "%" or (operator in {"+", "*"})):
        return STRING
    if left | right <= NUMERIC:
        whole = left | right <= {"integer", "boolean"} and operator not in {"/", "**"}
        return INTEGER if whole else NUMBER
    return LIST if is_only(left | right, "array") else UNKNOWN
