"""The tool `terminal`: programs, and what is left of them."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.core.action import Effect
from orchestrator.errors import ActionError
from unit.tools.conftest import Tools

PYTHON = sys.executable


def failing(tools: Tools, *command: str, **parameters: object) -> ActionError:
    with pytest.raises(ActionError) as caught:
        tools("terminal.run", command=list(command), **parameters)
    return caught.value


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be reaped by its new parent has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def pids_in(file: Path) -> list[int]:
    return [int(word) for word in file.read_text().split()]


def test_a_program_is_run_and_its_words_come_back(tools: Tools):
    assert tools("terminal.run", command=["sh", "-c", "echo out; echo err >&2"]) == {
        "stdout": "out\n",
        "stderr": "err\n",
        "exit_code": 0,
        "truncated": False,
    }


@pytest.mark.parametrize(
    "argument",
    [
        "; touch owned",
        "$(touch owned)",
        "`touch owned`",
        "| touch owned",
        "&& touch owned",
        "> owned",
        "*",
        "~",
        "$HOME",
    ],
)
def test_no_shell_reads_the_arguments(tools: Tools, workspace: Path, argument: str):
    assert tools("terminal.run", command=["printf", "%s", argument])["stdout"] == argument
    assert not (workspace / "owned").exists()


def test_a_program_named_like_a_command_line_is_not_found(tools: Tools):
    assert failing(tools, "echo hello").error_class == "not_found"


def test_a_missing_program_names_the_nearest(tools: Tools, workspace: Path):
    program = workspace / "bin" / "frobnicate"
    program.parent.mkdir()
    program.touch(0o755)
    env = {"PATH": f"{program.parent}:/nonexistent"}
    error = failing(tools, "frobincate", env=env)
    assert error.error_class == "not_found"
    assert str(error) == "there is no program 'frobincate' on PATH; did you mean frobnicate?"
    assert "install it" in str(failing(tools, "zzzz", env=env))


def test_a_program_by_path_starts_from_the_folder(tools: Tools, workspace: Path):
    (workspace / "sub").mkdir()
    program = workspace / "sub" / "run.sh"
    program.write_text("#!/bin/sh\npwd\n")
    assert failing(tools, "./run.sh", cwd="sub").error_class == "permission"
    program.chmod(0o755)
    assert tools("terminal.run", command=["./run.sh"], cwd="sub")["stdout"] == f"{workspace}/sub\n"
    assert failing(tools, "./run.sh").error_class == "not_found"


def test_the_folder_cannot_be_outside(tools: Tools, workspace: Path):
    (workspace / "up").symlink_to("..")
    assert failing(tools, "pwd", cwd="..").error_class == "permission"
    assert failing(tools, "pwd", cwd="up").error_class == "permission"
    assert failing(tools, "pwd", cwd="none").error_class == "not_found"


def test_only_harmless_variables_are_inherited(tools: Tools, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setenv("LC_TIME", "C")
    output = str(tools("terminal.run", command=["env"], env={"EXTRA": "1"})["stdout"])
    names = {line.partition("=")[0] for line in output.splitlines()}
    assert {"PATH", "LC_TIME", "EXTRA", "ORC_IDEMPOTENCY_KEY"} <= names
    assert "canary" not in output
    assert f"ORC_IDEMPOTENCY_KEY={tools.ctx.idempotency_key}" in output


def test_text_is_given_to_the_program(tools: Tools):
    text = "grüße\n" * 100_000
    result = tools("terminal.run", command=["cat"], stdin=text, max_output=10_000_000)
    assert result["stdout"] == text


def test_a_program_that_does_not_read_its_input_is_no_error(tools: Tools):
    assert tools("terminal.run", command=["true"], stdin="x" * 1_000_000)["exit_code"] == 0


def test_without_input_a_program_reads_nothing(tools: Tools):
    assert tools("terminal.run", command=["cat"])["stdout"] == ""


def test_output_is_capped_while_the_program_goes_on(tools: Tools):
    code = "import sys; sys.stdout.write('x' * 5_000_000); sys.stderr.write('done')"
    result = tools("terminal.run", command=[PYTHON, "-c", code], max_output=1_000)
    assert result == {"stdout": "x" * 1_000, "stderr": "done", "exit_code": 0, "truncated": True}


def test_a_cap_that_just_fits_truncates_nothing(tools: Tools):
    assert tools("terminal.run", command=["printf", "12345"], max_output=5)["truncated"] is False
    assert tools("terminal.run", command=["printf", "12345"], max_output=4)["truncated"] is True
    assert tools("terminal.run", command=["printf", "1"], max_output=0)["stdout"] == ""


def test_output_is_cleaned(tools: Tools):
    command = ["printf", r"\033[31mred\033[0m\007\033]0;title\007\377\n"]
    assert tools("terminal.run", command=command)["stdout"] == "red\ufffd\n"


def test_a_failing_program_says_how_it_ended(tools: Tools):
    error = failing(tools, "sh", "-c", "echo partial; echo why >&2; exit 3")
    assert error.error_class == "command_failed"
    assert str(error) == (
        "sh -c 'echo partial; echo why >&2; exit 3' ended with exit code 3; the end of stderr:\nwhy"
    )
    assert error.details == {"exit_code": 3, "stdout": "partial\n", "stderr": "why\n"}
    assert str(failing(tools, "false")) == "false ended with exit code 1"


def test_a_long_command_is_cut_in_messages(tools: Tools):
    assert len(str(failing(tools, "false", "x" * 10_000))) < 300


def test_the_end_of_stderr_is_shown_even_when_it_was_capped(tools: Tools):
    code = "import sys; sys.stderr.write('x\\n' * 100_000 + 'the reason'); sys.exit(1)"
    error = failing(tools, PYTHON, "-c", code, max_output=10)
    assert str(error).endswith("the reason")
    assert len(str(error)) < 500


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (signal.SIGRTMIN + 3, "37")])
def test_a_killed_program_names_the_signal(tools: Tools, number: int, name: str):
    assert f"signal {name}" in str(failing(tools, "sh", "-c", f"kill -{number} $$"))


def test_failing_may_be_allowed(tools: Tools):
    assert tools("terminal.run", command=["sh", "-c", "exit 3"], check=False)["exit_code"] == 3


@pytest.mark.parametrize(
    "command",
    [["printf", "a\0b"], ["true", "x" * 3_000_000]],
    ids=["a NUL", "too long"],
)
def test_arguments_the_system_refuses_are_the_callers_mistake(tools: Tools, command: list[str]):
    assert failing(tools, *command).error_class == "invalid_request"


STUBBORN = "trap '' TERM INT HUP; echo $$ >> pids; sleep 60 & echo $! >> pids; wait; wait; wait"


def test_a_timeout_kills_the_program_and_everything_it_started(tools: Tools, workspace: Path):
    command = ["sh", "-c", "sleep 60 & echo $! > pids; sh -c 'sleep 60 & echo $! >> pids; wait' & wait"]
    error = failing(tools, *command, timeout=0.3)
    assert error.error_class == "timeout"
    assert "took longer than 0.3 s and was killed" in str(error)
    assert len(pids_in(workspace / "pids")) == 2
    assert all(is_gone(pid) for pid in pids_in(workspace / "pids"))


def test_programs_that_ignore_the_request_are_killed_after_a_grace(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestrator.tools.process.GRACE", 0.1)
    failing(tools, "sh", "-c", STUBBORN, timeout=0.3)
    assert all(is_gone(pid) for pid in pids_in(workspace / "pids"))


def test_a_grandchild_in_a_session_of_its_own_is_found_by_its_mark(tools: Tools, workspace: Path):
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pids', 'w').write(str(os.getpid()))\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "time.sleep(60)\n"
    )
    failing(tools, PYTHON, "-c", code, timeout=1)
    assert [is_gone(pid) for pid in pids_in(workspace / "pids")] == [True]


def test_what_a_program_leaves_behind_ends_with_it(tools: Tools, workspace: Path):
    assert (
        tools("terminal.run", command=["sh", "-c", "sleep 60 & echo $! > pids; echo ok"])["stdout"] == "ok\n"
    )
    assert all(is_gone(pid) for pid in pids_in(workspace / "pids"))


def test_a_daemon_that_keeps_the_output_open_does_not_hold_up_the_call(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestrator.tools.process.GRACE", 0.1)
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    open('pids', 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\n"
        "while not os.path.exists('pids'): time.sleep(0.01)\n"
        "print('ok', flush=True)\n"
    )
    try:
        assert tools("terminal.run", command=[PYTHON, "-c", code])["stdout"] == "ok\n"
    finally:
        for pid in pids_in(workspace / "pids"):
            os.kill(pid, signal.SIGKILL)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 # another process makes it true
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("times", [1, 3])
def test_a_cancelled_call_leaves_nothing_behind(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch, times: int
):
    monkeypatch.setattr("orchestrator.tools.process.GRACE", 0.3)
    pids = workspace / "pids"
    action = tools.action("terminal.run")

    async def cancelled() -> None:
        call = action.function({"command": ["sh", "-c", STUBBORN]}, tools.ctx)
        task = asyncio.ensure_future(call)
        await _until(lambda: pids.exists() and len(pids_in(pids)) == 2)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert all(is_gone(pid) for pid in pids_in(pids))


def test_a_call_cancelled_while_it_starts_leaves_nothing_behind(tools: Tools, workspace: Path):
    action = tools.action("terminal.run")

    async def cancelled() -> None:
        call = action.function({"command": ["sh", "-c", STUBBORN]}, tools.ctx)
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    pids = workspace / "pids"
    assert all(is_gone(pid) for pid in (pids_in(pids) if pids.exists() else []))


def test_programs_run_where_folders_have_no_descriptors(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestrator.tools.workspace.HAS_DIR_FD", False)
    (workspace / "sub").mkdir()
    assert tools("terminal.run", command=["pwd"], cwd="sub")["stdout"] == f"{workspace}/sub\n"


def test_ctrl_c_does_not_reach_the_program(tools: Tools):
    code = "import os; print(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())"
    assert tools("terminal.run", command=[PYTHON, "-c", code])["stdout"] == "True True\n"


def test_a_fork_bomb_of_modest_size_is_killed_whole(tools: Tools, workspace: Path):
    code = "import os, time\nfor _ in range(5): os.fork()\nopen('pids', 'a').write(f'{os.getpid()} ')\ntime.sleep(60)"
    failing(tools, PYTHON, "-c", code, timeout=1)
    assert len(pids_in(workspace / "pids")) == 32
    assert all(is_gone(pid) for pid in pids_in(workspace / "pids"))


def test_programs_run_beside_each_other(tools: Tools):
    action = tools.action("terminal.run")

    async def both() -> list[object]:
        commands = [["sh", "-c", f"echo {name}"] for name in "ab"]
        return await asyncio.gather(
            *(action.function({"command": command}, tools.ctx) for command in commands)
        )

    assert [result["stdout"] for result in asyncio.run(both())] == ["a\n", "b\n"]


def test_the_action_says_what_it_does(tools: Tools):
    action = tools.action("terminal.run")
    assert action.spec.effect is Effect.ONCE
    assert action.spec.definite
    assert action.touches
    assert [touch.what for touch in action.touches({"command": ["git", "status"]})] == ["git"]
    assert [touch.what for touch in action.touches({})] == ["…"]
