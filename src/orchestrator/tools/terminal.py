"""The tool `terminal`: local programs, started directly and never through a shell."""

import os
import signal
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final, TypedDict, cast

from orchestrator.core.action import ActionContext, Params, Touch
from orchestrator.core.cleaning import clean
from orchestrator.core.suggestion import nearest
from orchestrator.errors import ActionError
from orchestrator.tools.files import workspace_of
from orchestrator.tools.limit import Limit
from orchestrator.tools.process import MARK, TAIL, Ended, Program, run_process
from orchestrator.tools.tool import actions_of, tool
from orchestrator.tools.workspace import Workspace

INHERITED: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "SYSTEMROOT",
    "PATHEXT",
    "TEMP",
    "TMP",
    "ORC_OFFLINE",
)
"""Variables of py-orc's own environment that a program sees, beside `LC_…`: no keys, no tokens."""


class Output(TypedDict):
    """What a program said."""

    stdout: str
    stderr: str
    exit_code: int
    truncated: bool
    """Whether a stream held more than `max_output`."""


def _touches(parameters: Params) -> list[Touch]:
    command = parameters.get("command")
    program = str(cast("Sequence[object]", command)[0]) if isinstance(command, list) and command else "…"
    return [Touch(kind="run", what=program)]


@tool(name="terminal.run", effect="once", definite=True, touches=_touches)
async def run(
    command: Annotated[list[str], Limit(min_length=1)],
    *,
    ctx: ActionContext,
    cwd: str = ".",
    env: dict[str, str] | None = None,
    stdin: str = "",
    timeout: Annotated[float, Limit(gt=0)] | None = None,  # noqa: ASYNC109 # a parameter of the language
    check: bool = True,
    max_output: Annotated[int, Limit(ge=0)] = 1_000_000,
) -> Output:
    """Run a program.

    Args:
        command: The program and its arguments, as a list: no shell reads them.
        cwd: The folder to run in, relative to the workspace.
        env: Variables beside the few that are inherited (PATH, HOME, the language, the time zone).
        stdin: Text that the program can read.
        timeout: Seconds after which it is killed, with everything it started.
        check: Fail when the exit code is not 0.
        max_output: Bytes kept of each stream; the rest is dropped.
    """
    environment = _environment(env or {}, ctx.idempotency_key)
    workspace = workspace_of(ctx)
    with _opened(workspace, cwd) as folder:
        program = Program(
            arguments=[_found(command[0], workspace, cwd, environment), *command[1:]],
            environment=environment,
            folder=folder,
            stdin=stdin.encode(errors="surrogateescape"),
            max_output=max_output,
        )
        ended = await _run(program, ctx, command, timeout)
    if check and ended.exit_code != 0:
        raise _failed(command, ended)
    return Output(
        stdout=_text(ended.stdout),
        stderr=_text(ended.stderr),
        exit_code=ended.exit_code,
        truncated=ended.truncated,
    )


async def _run(program: Program, ctx: ActionContext, command: Sequence[str], limit: float | None) -> Ended:
    try:
        return await run_process(program, ctx.clock, limit=limit)
    except TimeoutError as error:
        raise ActionError(
            f"{_shown(command)} took longer than {limit:g} s and was killed", error_class="timeout"
        ) from error
    except PermissionError as error:
        raise ActionError(f"{command[0]} is not executable", error_class="permission") from error
    except (OSError, ValueError) as error:
        raise ActionError(
            f"{_shown(command)} cannot be started: {error}", error_class="invalid_request"
        ) from error


def _environment(extra: Mapping[str, str], key: str) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")
    }
    return {**inherited, **extra, MARK: key}


@contextmanager
def _opened(workspace: Workspace, cwd: str) -> Generator[str]:
    """Give a name of the folder that cannot be swapped for another before the program starts in it."""
    with workspace.folder(cwd) as folder:
        if isinstance(folder, int) and Path("/proc/self/fd").is_dir():
            yield f"/proc/self/fd/{folder}"
        else:
            with workspace.place(cwd) as place:
                yield str(Path(workspace.root, place.path))


def _found(name: str, workspace: Workspace, cwd: str, environment: Mapping[str, str]) -> str:
    import shutil

    path = environment.get("PATH", os.defpath)
    if "/" in name or os.sep in name:
        with workspace.place(cwd) as place:
            full = Path(workspace.root, place.path, name)
        if full.exists():
            return str(full)
        raise ActionError(f"there is no program {name} in {cwd}", error_class="not_found")
    found = shutil.which(name, path=path)
    if found:
        return found
    meant = _nearest(name, path)
    advice = f"did you mean {meant}?" if meant else "install it, or give its path."
    raise ActionError(f"there is no program {name!r} on PATH; {advice}", error_class="not_found")


def _nearest(name: str, path: str) -> str:
    """Return the program that was probably meant; swapped letters are the commonest slip."""
    programs: set[str] = set()
    for folder in path.split(os.pathsep):
        with suppress(OSError):
            programs.update(entry.name for entry in Path(folder or ".").iterdir())
    swapped = (program for program in sorted(programs) if sorted(program) == sorted(name))
    return next(swapped, "") or nearest(name, sorted(programs))


def _failed(command: Sequence[str], ended: Ended) -> ActionError:
    code = ended.exit_code
    how = f"exit code {code}" if code >= 0 else f"signal {_signal_name(-code)}"
    tail = _text(ended.stderr_tail[-TAIL:]).strip()
    last = "\n".join(tail.splitlines()[-20:])
    return ActionError(
        f"{_shown(command)} ended with {how}" + (f"; the end of stderr:\n{last}" if last else ""),
        error_class="command_failed",
        details={"exit_code": code, "stdout": _text(ended.stdout), "stderr": _text(ended.stderr)},
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _shown(command: Sequence[str]) -> str:
    import shlex

    text = clean(shlex.join(command)).replace("\n", " ")
    return text if len(text) <= 200 else f"{text[:200]}…"


def _text(content: bytes) -> str:
    return clean(content.decode(errors="replace"))


ACTIONS = actions_of(run)
