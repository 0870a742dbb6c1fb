"""`@tool`: makes actions of a typed Python function, or of the methods of a class.

    @tool(effect="read")
    def weather(city: str, *, days: Annotated[int, Range(1, 7)] = 3) -> Forecast:
        \"\"\"Look up the forecast of a city.\"\"\"

The decorated thing stays what it was: it can be called and tested as before. `actions_of` reads its declaration and
makes `core.action.Action`s: the JSON Schema comes from the annotations, the descriptions from the docstring. Built-in
tools, plug-ins and a user's `tools.py` all come through here.

How the engine calls an action: `Action.function(parameters, ctx)` with plain data, in place, in a thread, or for
`runs == "async"` on the loop, where it returns a coroutine. For `runs == "process"` the function is pickled by name
and called as `function(parameters, None)`: there is no context in another process.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TypeVar, cast, overload

from msgspec import Struct

from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect, Params, Runs, Touch
from orchestrator.errors import SetupError
from orchestrator.tools.broken import broken_action
from orchestrator.tools.call import Call, CallByName, Instance
from orchestrator.tools.code_place import is_built_in, place_of
from orchestrator.tools.signature import Signature, read_signature

Thing = TypeVar("Thing", bound=Callable[..., object])
EffectName = Literal["pure", "read", "idempotent", "once"]

MARK: Final = "__orchestrator_tool__"


class Declaration(Struct, frozen=True, kw_only=True):
    """What `@tool` was told about a function or class."""

    name: str = ""
    effect: Effect | None = None
    cpu: bool = False
    inline: bool = False
    definite: bool = False
    labels: frozenset[str] = frozenset()
    prepare: Callable[[Params, ActionContext], object] | None = None
    revert: Callable[[Params, object, ActionContext], object] | None = None
    fingerprint: Callable[[Params, ActionContext], object] | None = None
    touches: Callable[[Params], Sequence[Touch]] | None = None


@overload
def tool(thing: Thing, /) -> Thing: ...


@overload
def tool(
    *,
    name: str = "",
    effect: EffectName | Effect | None = None,
    cpu: bool = False,
    inline: bool = False,
    definite: bool = False,
    labels: Sequence[str] = (),
    prepare: Callable[[Params, ActionContext], object] | None = None,
    revert: Callable[[Params, object, ActionContext], object] | None = None,
    fingerprint: Callable[[Params, ActionContext], object] | None = None,
    touches: Callable[[Params], Sequence[Touch]] | None = None,
) -> Callable[[Thing], Thing]: ...


def tool(
    thing: Thing | None = None,
    /,
    *,
    name: str = "",
    effect: EffectName | Effect | None = None,
    cpu: bool = False,
    inline: bool = False,
    definite: bool = False,
    labels: Sequence[str] = (),
    prepare: Callable[[Params, ActionContext], object] | None = None,
    revert: Callable[[Params, object, ActionContext], object] | None = None,
    fingerprint: Callable[[Params, ActionContext], object] | None = None,
    touches: Callable[[Params], Sequence[Touch]] | None = None,
) -> Thing | Callable[[Thing], Thing]:
    """Declare a typed function, or a class whose public methods are the operations, as a tool.

    Args:
        thing: The function or class. A class is made without arguments at its first call and lives with the registry.
        name: The action's dotted name (for a class: the tool's); the function's or class's own name otherwise.
        effect: What it does to the world; one that declares nothing counts as `once` and is never repeated blindly.
        cpu: It computes for long: run it in another process instead of a thread.
        inline: It is `pure` and takes microseconds: run it in place.
        definite: When an attempt is cancelled or times out, nothing of it goes on.
        labels: Marks that its values carry on, such as `web`.
        prepare: Returns the plain data that `revert` needs, before the effect.
        revert: Takes the effect back.
        fingerprint: Returns (or awaits) what else the result depends on, for `cache`: what a file holds, say.
        touches: Says what a call with given parameters may touch; `py-orc plan` shows it.
    """
    declaration = Declaration(
        name=name,
        effect=None if effect is None else _effect(effect),
        cpu=cpu,
        inline=inline,
        definite=definite,
        labels=frozenset(labels),
        prepare=prepare,
        revert=revert,
        fingerprint=fingerprint,
        touches=touches,
    )

    def mark(thing: Thing) -> Thing:
        setattr(thing, MARK, declaration)
        return thing

    return mark if thing is None else mark(thing)


def is_tool(thing: object) -> bool:
    """Return whether the thing itself (not a base class of it) was decorated with `@tool`."""
    return MARK in cast("Mapping[str, object]", getattr(thing, "__dict__", {}))


def actions_of(*things: object, file: str = "", digest: str = "") -> list[Action]:
    """Return the actions of decorated functions and classes; `Action`s pass through.

    Args:
        things: What `@tool` decorated.
        file: The file they were loaded from by its path, for calls in another process.
        digest: The digest of that file.
    """
    origin = _Origin(file, digest)
    return [action for thing in things for action in _actions(thing, origin)]


def _effect(word: str) -> Effect:
    if word in set(Effect):
        return Effect(word)
    from orchestrator.tools.misuse import no_effect

    raise no_effect(repr(word), word)


class _Origin(Struct, frozen=True):
    file: str
    digest: str


def _actions(thing: object, origin: _Origin) -> list[Action]:
    if isinstance(thing, Action):
        return [thing]
    if not is_tool(thing):
        name = getattr(thing, "__qualname__", repr(thing))
        raise SetupError(f"{name} is not a tool", hint="decorate it with @tool.")
    declaration = cast("Declaration", getattr(thing, MARK))
    if isinstance(thing, type):
        return _class_actions(thing, declaration, origin)
    return [_action(cast("Callable[..., object]", thing), declaration, origin)]


def _class_actions(owner: type, declaration: Declaration, origin: _Origin) -> list[Action]:
    prefix = declaration.name or owner.__name__.lower()
    instance = Instance(owner)
    found: list[Action] = []
    for operation, member in vars(owner).items():
        if operation.startswith("_") or not inspect.isfunction(member):
            continue
        own = cast("Declaration", getattr(member, MARK, Declaration()))
        found.append(
            _action(
                member,
                Declaration(
                    name=f"{prefix}.{own.name or operation}",
                    effect=own.effect or declaration.effect,
                    cpu=own.cpu or declaration.cpu,
                    inline=own.inline or declaration.inline,
                    definite=own.definite or declaration.definite,
                    labels=own.labels | declaration.labels,
                    prepare=own.prepare,
                    revert=own.revert,
                    fingerprint=own.fingerprint,
                    touches=own.touches,
                ),
                origin,
                instance,
            )
        )
    if not found:
        raise SetupError(
            f"the tool {owner.__qualname__} has no operations",
            hint="every public method of the class becomes an action.",
        )
    return found


def _action(
    function: Callable[..., object],
    declaration: Declaration,
    origin: _Origin,
    instance: Instance | None = None,
) -> Action:
    name = declaration.name or function.__name__
    try:
        signature = read_signature(function, bound=instance is not None)
        runs = _runs(function, declaration, signature)
    except SetupError as error:
        if not origin.file:
            raise
        return broken_action(name, error)
    spec = ActionSpec(
        name=name,
        description=signature.description,
        parameters=signature.parameters,
        result=signature.result,
        effect=declaration.effect or Effect.ONCE,
        runs=runs,
        labels=declaration.labels,
        definite=declaration.definite,
    )
    call: Callable[[Params, ActionContext], object]
    if runs == "process":
        call = CallByName(
            module=function.__module__, qualname=function.__qualname__, file=origin.file, digest=origin.digest
        )
    else:
        call = Call(function, signature, instance)
    return Action(
        spec=_with_digest(spec, function),
        function=call,
        prepare=declaration.prepare,
        revert=declaration.revert,
        fingerprint=declaration.fingerprint,
        touches=declaration.touches,
    )


def _runs(function: Callable[..., object], declaration: Declaration, signature: Signature) -> Runs:
    where = place_of(function)
    if declaration.inline:
        if declaration.effect is not Effect.PURE or declaration.cpu or signature.is_async:
            raise SetupError(
                f"{where} cannot run inline",
                hint='only plain functions with effect="pure" do; leave inline=True out.',
            )
        return "inline"
    if declaration.cpu:
        _check_movable(function, signature, where)
        return "process"
    return "async" if signature.is_async else "thread"


def _check_movable(function: Callable[..., object], signature: Signature, where: str) -> None:
    if signature.is_async:
        raise SetupError(f"{where} is async and cpu at once", hint="write it as a plain function.")
    if signature.context:
        raise SetupError(
            f"{where} asks for a context but runs in another process, where there is none",
            hint=f"leave the parameter {signature.context!r} out, or cpu=True.",
        )
    if "<" in function.__qualname__:  # in another function, or a lambda
        raise SetupError(
            f"{where} cannot be found from another process", hint="define it at the top of its module."
        )


def _with_digest(spec: ActionSpec, function: Callable[..., object]) -> ActionSpec:
    """A built-in's code changes with the version of py-orc; a user's code counts itself."""
    import hashlib
    import json

    from msgspec.structs import replace

    facts: list[object] = [spec.name, spec.parameters, spec.result, spec.effect, sorted(spec.labels)]
    if not is_built_in(function):
        facts.append(_source(function))
    text = json.dumps(facts, sort_keys=True, default=str)
    return replace(spec, digest=hashlib.sha256(text.encode()).hexdigest()[:16])


def _source(function: Callable[..., object]) -> str:
    try:
        return inspect.cleandoc(inspect.getsource(function))
    except (OSError, TypeError):  # typed in at a prompt, or built by exec
        code = cast("object", getattr(function, "__code__", None))
        return repr(getattr(code, "co_code", b""))
