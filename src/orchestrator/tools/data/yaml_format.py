"""YAML documents: the core schema of YAML 1.2, no duplicate keys, no bombs, no Python objects.

PyYAML speaks 1.1; its rules for plain scalars are replaced, so that `on` and `1:30` are text and `1e3` a number. What is
written is quoted wherever either version would misread it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple, Protocol, cast

import yaml

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import ActionError

MAX_VALUES: Final = 1_000_000
"""Values in a document, aliases counted each time they are used."""
MAX_DEPTH: Final = 100

_CORE: Final = {
    "null": (re.compile(r"(?:null|Null|NULL|~|)\Z"), ["n", "N", "~", ""]),
    "bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), "tTfF"),
    "int": (re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), "-+0123456789"),
    "float": (
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        "-+0123456789.",
    ),
}


def read_yaml(path: str, text: str) -> object:
    """Return a document; raises ActionError with line and column."""
    try:
        loader = _dialect().loader(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise ActionError(f"{where}: no YAML: {error.problem}", error_class="invalid_request") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ActionError(f"{path}: no YAML: {error}", error_class="invalid_request") from error
    _check_size(path, value)
    return value


def write_yaml(data: object) -> str:
    """Return a document as YAML; what YAML does not know becomes text."""
    return yaml.dump(
        data,
        Dumper=_dialect().dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=110,
    )


class _Loader(Protocol):
    """What is used of a loader: PyYAML's stubs leave it untyped."""

    def get_single_data(self) -> object: ...
    def dispose(self) -> None: ...
    def construct_scalar(self, node: yaml.ScalarNode) -> str: ...
    def construct_object(self, node: yaml.Node, deep: bool = False) -> object: ...  # noqa: FBT001, FBT002


class _Dialect(NamedTuple):
    loader: Callable[[str], _Loader]
    dumper: type[yaml.SafeDumper]


@cache
def _dialect() -> _Dialect:
    """Make loader and dumper; the slow pure-Python ones where PyYAML was built without libyaml."""
    loads = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    dumps = cast("type[yaml.SafeDumper]", getattr(yaml, "CSafeDumper", yaml.SafeDumper))

    class Loader(loads):
        pass

    class Dumper(dumps):
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
            return True

    rules, old = _resolvers(), dumps.yaml_implicit_resolvers
    Loader.yaml_implicit_resolvers = rules
    Dumper.yaml_implicit_resolvers = {
        sign: [*old.get(sign, []), *rules.get(sign, [])] for sign in {*old, *rules}
    }
    Loader.add_constructor("tag:yaml.org,2002:int", _int)
    Loader.add_constructor("tag:yaml.org,2002:float", _float)
    Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
    Dumper.add_multi_representer(object, lambda dumper, value: dumper.represent_str(str(value)))
    Dumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_dict(value))
    Dumper.add_multi_representer(list, lambda dumper, value: dumper.represent_list(value))
    return _Dialect(cast("Callable[[str], _Loader]", Loader), Dumper)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return the rules by the first letter of a scalar, as PyYAML keeps them."""
    rules: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, (pattern, letters) in _CORE.items():
        for letter in letters:
            rules.setdefault(letter, []).append((f"tag:yaml.org,2002:{tag}", pattern))
    return rules


def _int(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    text = loader.construct_scalar(node).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, object]:
    """Text is the only kind of key that templates and JSON know; others are written out."""
    made: dict[str, object] = {}
    for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
        key = cast("str", key_node.value)
        if key in made:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        made[key] = loader.construct_object(value_node, deep=True)
    return made


def _check_size(path: str, value: object) -> None:
    """Count values as often as they would be copied; what an alias shares is looked into once."""
    sizes: dict[int, int] = {}

    def size(value: object, depth: int) -> int:
        if is_mapping(value):
            items = list(value.values())
        elif is_list(value):
            items = list(value)
        else:
            return 1
        known = sizes.get(id(value))
        if known is None:
            if depth > MAX_DEPTH:
                raise ActionError(
                    f"{path} is nested deeper than {MAX_DEPTH} levels", error_class="invalid_request"
                )
            known = sizes[id(value)] = 1 + sum(size(item, depth + 1) for item in items)
        return known

    if size(value, 0) > MAX_VALUES:
        raise ActionError(f"{path} holds more than {MAX_VALUES} values", error_class="invalid_request")
