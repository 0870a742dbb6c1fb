"""The tools of a Python file, read from its syntax tree without executing it."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from msgspec import Struct, field

from orchestrator.core.action import ActionSpec, Effect, Runs
from orchestrator.tools.docstring import read_docstring
from orchestrator.tools.misuse import NAMELESS, UNTYPED, no_effect

Schema = dict[str, object]
Function = ast.FunctionDef | ast.AsyncFunctionDef


class MisuseError(Exception):
    """A `@tool` that says something it cannot mean."""

    def __init__(self, message: str, node: ast.expr | ast.arg, hint: str) -> None:
        super().__init__(message)
        self.line = node.lineno
        self.hint = hint


class ReadTool(NamedTuple):
    """One action, as far as its text tells."""

    spec: ActionSpec
    misuse: MisuseError | None = None
    """What keeps it from being an action."""


def read_tools(source: str | bytes) -> list[ReadTool]:
    """Return everything that is decorated with `@tool`; raises SyntaxError and MisuseError for what no file may say."""
    tree = ast.parse(source)
    names = _Names.of(tree)
    found: list[ReadTool] = []
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef):
            options = names.options(node)
            if options is not None:
                found += _specs(node, options, names)
    return found


class _Names(Struct):
    """What the file's names stand for, as far as imports and classes say it."""

    tools: set[str] = field(default_factory=set[str])
    """Names of the decorator."""
    packages: set[str] = field(default_factory=set[str])
    """Names of the package, for `orc.tool`."""
    classes: dict[str, ast.ClassDef] = field(default_factory=dict[str, ast.ClassDef])

    @classmethod
    def of(cls, tree: ast.Module) -> "_Names":
        names = cls()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
                names.tools |= {alias.asname or alias.name for alias in node.names if alias.name == "tool"}
            elif isinstance(node, ast.Import):
                names.packages |= {alias.asname or alias.name for alias in node.names if _is_ours(alias.name)}
            elif isinstance(node, ast.ClassDef):
                names.classes[node.name] = node
        return names

    def options(self, node: Function | ast.ClassDef) -> Mapping[str, ast.expr] | None:
        """Return the keywords of `@tool`; None without that decorator."""
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if self._is_tool(call.func if call else decorator):
                if call and call.args:
                    raise _positional(call)
                return (
                    {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg} if call else {}
                )
        return None

    def _is_tool(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.tools
        return (
            isinstance(node, ast.Attribute)
            and node.attr == "tool"
            and ast.unparse(node.value) in self.packages
        )


def _specs(
    node: Function | ast.ClassDef, options: Mapping[str, ast.expr], names: _Names
) -> Iterator[ReadTool]:
    if not isinstance(node, ast.ClassDef):
        yield _tool(node, options, names, name=_text(options.get("name")) or node.name)
        return
    prefix = _text(options.get("name")) or node.name.lower()
    for member in node.body:
        if isinstance(member, Function) and not member.name.startswith("_"):
            own = names.options(member) or {}
            name = f"{prefix}.{_text(own.get('name')) or member.name}"
            yield _tool(member, {**options, **own}, names, name=name, bound=True)


def _tool(
    node: Function, options: Mapping[str, ast.expr], names: _Names, *, name: str, bound: bool = False
) -> ReadTool:
    spec = _spec(node, options, names, name=name, bound=bound)
    return ReadTool(spec, next(_misuses(node, bound=bound), None))


def _misuses(node: Function, *, bound: bool) -> Iterator[MisuseError]:
    """Find the parameters that no mapping `with` can fill."""
    arguments = node.args
    owner = [*arguments.posonlyargs, *arguments.args][:1] if bound else []
    nameless = {*arguments.posonlyargs, *([arguments.vararg] if arguments.vararg else ())}
    others = [*arguments.args, *arguments.kwonlyargs, *([arguments.kwarg] if arguments.kwarg else ())]
    for entry in sorted([*nameless, *others], key=lambda entry: (entry.lineno, entry.col_offset)):
        if entry in owner or _is_context(entry):
            continue
        if entry in nameless or entry.annotation is None:
            what, hint = NAMELESS if entry in nameless else UNTYPED
            yield MisuseError(f"{node.name}, parameter `{entry.arg}`: {what}", entry, hint)


def _is_context(entry: ast.arg) -> bool:
    annotation = entry.annotation
    return entry.arg == "ctx" or bool(annotation and ast.unparse(annotation).endswith("ActionContext"))


def _spec(
    node: Function, options: Mapping[str, ast.expr], names: _Names, *, name: str, bound: bool = False
) -> ActionSpec:
    docstring = read_docstring(ast.get_docstring(node))
    return ActionSpec(
        name=name,
        description=docstring.summary,
        parameters=_parameters(node, docstring.arguments, names, bound=bound),
        result=_schema(node.returns, names),
        effect=_effect(options.get("effect")),
        runs=_runs(node, options),
        labels=frozenset(_texts(options.get("labels"))),
    )


def _parameters(node: Function, meanings: Mapping[str, str], names: _Names, *, bound: bool) -> Schema:
    given = node.args.args[1:] if bound else node.args.args
    defaults = [None] * (len(given) - len(node.args.defaults)) + list(node.args.defaults)
    entries = [
        *zip(given, defaults, strict=False),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    properties: dict[str, object] = {}
    required: list[str] = []
    for entry, default in entries:
        if _is_context(entry):
            continue
        schema = _schema(entry.annotation, names)
        if entry.arg in meanings:
            schema["description"] = meanings[entry.arg]
        if default is None:
            required.append(entry.arg)
        elif isinstance(default, ast.Constant) and default.value is not None:
            schema["default"] = default.value
        properties[entry.arg] = schema
    parameters: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": _schema(node.args.kwarg.annotation, names) or True
        if node.args.kwarg
        else False,
    }
    return {**parameters, "required": required} if required else parameters


def _effect(node: ast.expr | None) -> Effect:
    word = node.attr.lower() if isinstance(node, ast.Attribute) else _text(node)
    if word in set(Effect):
        return Effect(word)
    spelt_out = isinstance(node, ast.Attribute) and _last(node.value) == "Effect"
    if node is not None and (spelt_out or (isinstance(node, ast.Constant) and node.value is not None)):
        error = no_effect(ast.unparse(node), word)
        raise MisuseError(error.message, node, error.hint)
    return Effect.ONCE


def _positional(call: ast.Call) -> MisuseError:
    given = ast.unparse(call.args[0])
    hint = (
        f"write `@tool(name={given})`."
        if _text(call.args[0])
        else "write `@tool` above the function, or keywords."
    )
    return MisuseError(f"`@tool` takes keywords only, not {given}", call.args[0], hint)


def _runs(node: Function, options: Mapping[str, ast.expr]) -> Runs:
    if _is_true(options.get("inline")):
        return "inline"
    if _is_true(options.get("cpu")):
        return "process"
    return "async" if isinstance(node, ast.AsyncFunctionDef) else "thread"


_SIMPLE: Mapping[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Path": {"type": "string"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
    "Decimal": {"type": ["number", "string"]},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
}
_ARRAYS = frozenset({"list", "Sequence", "Iterable", "Collection", "set", "frozenset", "tuple"})
_MAPPINGS = frozenset({"dict", "Mapping", "MutableMapping"})


def _schema(node: ast.expr | None, names: _Names, outer: tuple[str, ...] = ()) -> Schema:
    """Return what an annotation says; an empty schema for what cannot be read."""
    if node is None:
        return {}
    if isinstance(node, ast.Constant):
        return _constant_schema(node, names, outer)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([_schema(node.left, names, outer), _schema(node.right, names, outer)])
    if isinstance(node, ast.Subscript):
        return _generic(_last(node.value), _items(node.slice), names, outer)
    name = _last(node)
    if name in _SIMPLE:
        return dict(_SIMPLE[name])
    if name in names.classes and name not in outer:
        return _class_schema(names.classes[name], names, (*outer, name))
    return {}


def _constant_schema(node: ast.Constant, names: _Names, outer: tuple[str, ...]) -> Schema:
    if isinstance(node.value, str):  # a forward reference
        try:
            return _schema(ast.parse(node.value, mode="eval").body, names, outer)
        except SyntaxError:  # executing the file tells
            return {}
    return {"type": "null"} if node.value is None else {}


def _generic(name: str, items: list[ast.expr], names: _Names, outer: tuple[str, ...]) -> Schema:
    if not items:
        return {}
    if name in _ARRAYS:
        inner = _schema(items[0], names, outer) if name != "tuple" else {}
        return {"type": "array", "items": inner} if inner else {"type": "array"}
    if name in _MAPPINGS:
        inner = _schema(items[-1], names, outer)
        return {"type": "object", "additionalProperties": inner} if inner else {"type": "object"}
    if name == "Literal":
        return {"enum": [item.value for item in items if isinstance(item, ast.Constant)]}
    if name == "Optional":
        return _union([_schema(items[0], names, outer), {"type": "null"}])
    if name == "Union":
        return _union([_schema(item, names, outer) for item in items])
    if name in {"Annotated", "Required", "NotRequired"}:
        return _schema(items[0], names, outer)
    return {}


def _union(members: list[Schema]) -> Schema:
    if any(not member for member in members):
        return {}
    flat = [inner for member in members for inner in cast("list[Schema]", member.get("anyOf", [member]))]
    return {"anyOf": flat}


_RECORDS = frozenset({"TypedDict", "NamedTuple"})


def _class_schema(node: ast.ClassDef, names: _Names, outer: tuple[str, ...]) -> Schema:
    """Read a TypedDict, NamedTuple or dataclass of the same file; what else it may be stays open."""
    bases = [_last(base) for base in node.bases]
    decorators = {_last(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list}
    if not (len(bases) == 1 and bases[0] in _RECORDS) and not ("dataclass" in decorators and not bases):
        return {}
    partial = any(keyword.arg == "total" for keyword in node.keywords)
    properties: dict[str, object] = {}
    required: list[str] = []
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        kind = _kind(item.annotation)
        if kind == "ClassVar":
            continue
        told = _field_options(item.value)
        if kind in {"InitVar", "KW_ONLY"} or "init" in told:
            return {}  # what is a parameter and what a field, only execution tells
        properties[item.target.id] = _schema(item.annotation, names, outer)
        if not told & _DEFAULTS and kind != "NotRequired" and (not partial or kind == "Required"):
            required.append(item.target.id)
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


_DEFAULTS = {"default", "default_factory"}


def _field_options(value: ast.expr | None) -> set[str]:
    """Return what a field's value says, in the words of `dataclasses.field`."""
    if isinstance(value, ast.Call) and _last(value.func) == "field":
        return {keyword.arg for keyword in value.keywords if keyword.arg}
    return {"default"} if value is not None else set()


def _kind(annotation: ast.expr) -> str:
    return _last(annotation.value if isinstance(annotation, ast.Subscript) else annotation)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "orchestrator"


def _items(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _texts(node: ast.expr | None) -> list[str]:
    return [_text(item) for item in node.elts] if isinstance(node, ast.List | ast.Tuple | ast.Set) else []


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
