"""What filters and methods give, as far as it is always the same."""

from collections.abc import Mapping

from orchestrator.expressions.filters.text import TEXT_FILTERS
from orchestrator.expressions.shapes import BOOLEAN, INTEGER, LIST, STRING, Shape

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
