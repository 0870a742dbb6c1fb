"""A user's `tools.py` beside the pipeline: loaded to run, only read to check.

`read_tools_file` never executes it: what `check`, `plan`, `graph` and `fmt` need stands in its syntax tree.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orchestrator.core.action import Action, ActionContext, ActionSpec, Params
from orchestrator.errors import SetupError
from orchestrator.tools.broken import Broken, broken_action
from orchestrator.tools.module_file import digest_of, load_module, read_source, unloadable
from orchestrator.tools.tool import actions_of, is_tool

if TYPE_CHECKING:
    from orchestrator.tools.tools_syntax import MisuseError


def load_tools_file(path: str | Path) -> list[Action]:
    """Execute a tools file and return its actions; raises SetupError when it cannot be loaded."""
    digest = digest_of(path)
    module = load_module(path, expect=digest)
    things = [
        thing
        for thing in vars(module).values()
        if is_tool(thing) and getattr(thing, "__module__", "") == module.__name__
    ]
    try:
        actions = actions_of(*things, file=str(Path(path).resolve()), digest=digest)
    except (SyntaxError, RecursionError) as error:  # an annotation is code too
        raise unloadable(path, error) from error
    return _distinct(path, _placed(path, actions))


def read_tools_file(path: str | Path) -> list[Action]:
    """Return what can be known of a tools file's actions without executing it; they can be checked but not called.

    Annotations that only execution could resolve leave their schema open; digests are empty.
    """
    from orchestrator.tools.tools_syntax import MisuseError, read_tools

    try:
        return [
            _unloaded(read.spec, path)
            if read.misuse is None
            else broken_action(read.spec.name, _placed_error(path, read.misuse))
            for read in read_tools(read_source(path))
        ]
    except MisuseError as error:
        raise _placed_error(path, error) from None
    except (SyntaxError, ValueError) as error:
        raise unloadable(path, error) from error
    except (RecursionError, MemoryError):  # what `ast` says of brackets and operators without end
        raise SetupError(
            f"{path} is nested too deeply to be read", hint="give it flatter expressions."
        ) from None


def _placed(path: str | Path, actions: list[Action]) -> list[Action]:
    """Return the actions; those that are broken say what reading the file says, which knows the line of a parameter."""
    if not any(isinstance(action.function, Broken) for action in actions):
        return actions
    read = {action.spec.name: action for action in read_tools_file(path)}
    return [
        read[action.spec.name]
        if isinstance(action.function, Broken) and _is_broken(read.get(action.spec.name))
        else action
        for action in actions
    ]


def _is_broken(action: Action | None) -> bool:
    return action is not None and isinstance(action.function, Broken)


def _placed_error(path: str | Path, error: "MisuseError") -> SetupError:
    return SetupError(f"{path}:{error.line}: {error}", hint=error.hint)


class _Unloaded(Struct, frozen=True):
    """Stands in for the function of an action that was only read."""

    name: str
    path: str

    def __call__(self, parameters: Params, ctx: ActionContext) -> object:  # noqa: ARG002
        raise SetupError(f"{self.name} of {self.path} was only read, not loaded", hint="run the pipeline.")


def _unloaded(spec: ActionSpec, path: str | Path) -> Action:
    return Action(spec=spec, function=_Unloaded(spec.name, str(path)))


def _distinct(path: str | Path, actions: list[Action]) -> list[Action]:
    seen: dict[str, Action] = {}
    for action in actions:
        if action.spec.name in seen:
            raise SetupError(
                f"{path} defines the action {action.spec.name} twice", hint="give one of them another name."
            )
        seen[action.spec.name] = action
    return actions
