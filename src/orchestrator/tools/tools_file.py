"""A user's `tools.py` beside the pipeline: loaded to run, only read to check.

`read_tools_file` never executes it: what `check`, `plan`, `graph` and `fmt` need stands in its syntax tree.
"""

from pathlib import Path

from orchestrator.core.action import Action, ActionSpec
from orchestrator.errors import SetupError
from orchestrator.tools.module_file import digest_of, load_module, read_source, unloadable
from orchestrator.tools.tool import actions_of, is_tool


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
    return _distinct(path, actions)


def read_tools_file(path: str | Path) -> list[ActionSpec]:
    """Return what can be known of a tools file's actions without executing it.

    Annotations that only execution could resolve leave their schema open; digests are empty.
    """
    from orchestrator.tools.tools_syntax import MisuseError, read_tools

    try:
        return read_tools(read_source(path))
    except MisuseError as error:
        raise SetupError(f"{path}:{error.line}: {error}", hint=error.hint) from None
    except (SyntaxError, ValueError) as error:
        raise unloadable(path, error) from error
    except (RecursionError, MemoryError):  # what `ast` says of brackets and operators without end
        raise SetupError(
            f"{path} is nested too deeply to be read", hint="give it flatter expressions."
        ) from None


def _distinct(path: str | Path, actions: list[Action]) -> list[Action]:
    seen: dict[str, Action] = {}
    for action in actions:
        if action.spec.name in seen:
            raise SetupError(
                f"{path} defines the action {action.spec.name} twice", hint="give one of them another name."
            )
        seen[action.spec.name] = action
    return actions
