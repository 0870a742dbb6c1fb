"""A child process that cannot outlive its call: own session, capped output, the whole group killed and reaped.

The program leads a session of its own, so that Ctrl-C on the terminal does not reach it and one signal reaches all it
started. When the call ends early (a timeout, a cancellation, an error), the group is asked to end, then killed, and on
Linux so is whatever left the group but still carries the call's `ORC_IDEMPOTENCY_KEY` in its environment. When the
program ends by itself, what it left running in its group is killed too: no step has a background.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeVar, cast

from orchestrator.core.clock import Clock

GRACE: Final = 2.0
"""Seconds between asking a process to end and killing it, and for output that somebody else keeps open."""
TAIL: Final = 4_096
MARK: Final = "ORC_IDEMPOTENCY_KEY"

Result = TypeVar("Result")

_PROCESSES: Final = Path("/proc")
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)


class Program(NamedTuple):
    """What to start."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    folder: str
    stdin: bytes = b""
    max_output: int = 1_000_000
    """Bytes kept of each stream; more is read and dropped, so that the program never blocks."""


class Ended(NamedTuple):
    """A program that has ended."""

    exit_code: int
    """Negative when a signal ended it."""
    stdout: bytes
    stderr: bytes
    truncated: bool
    """Whether there was more output than was kept."""
    stderr_tail: bytes
    """The last of stderr, also when it was truncated."""


async def run_process(program: Program, clock: Clock, *, limit: float | None = None) -> Ended:
    """Run a program to its end; raises OSError when it cannot be started, TimeoutError after `limit` seconds."""
    starting = asyncio.ensure_future(_start(program))
    cancelled = await _to_the_end(
        starting
    )  # cancelled half-way, it would leave what the program has started by then
    transport, protocol = starting.result()
    group = _Group(transport.get_pid(), program.environment.get(MARK, ""))
    try:
        if cancelled:
            raise asyncio.CancelledError  # noqa: TRY301 # to be cleaned up like any other
        async with clock.timeout(limit):
            _feed(transport, program.stdin)
            await protocol.exited.wait()
        if group.signal(_KILL):
            await _gone(group, clock)
        with suppress(TimeoutError):  # a daemon may hold the pipes open: its output is not ours
            async with clock.timeout(GRACE):
                await protocol.closed.wait()
    except BaseException:
        await _ended_for_sure(group, protocol, clock)
        raise
    finally:
        transport.close()
    return protocol.ended(cast("int", transport.get_returncode()))


class _Streams(asyncio.SubprocessProtocol):
    """Keeps the first of what a program says, and the last of what it complains."""

    def __init__(self, max_output: int) -> None:
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self._kept = {1: bytearray(), 2: bytearray()}
        self._open = {1, 2}
        self._room = max_output
        self._truncated = False
        self._tail = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self._kept[fd]
        room = self._room - len(kept)
        kept += data[:room] if room > 0 else b""
        self._truncated |= len(data) > room
        if fd == 2:
            self._tail = (self._tail + data)[-TAIL:]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        self._open.discard(fd)
        if not self._open:
            self.closed.set()

    def process_exited(self) -> None:
        self.exited.set()

    def ended(self, exit_code: int) -> Ended:
        return Ended(exit_code, bytes(self._kept[1]), bytes(self._kept[2]), self._truncated, self._tail)


class _Group:
    """The processes of one call."""

    def __init__(self, leader: int, mark: str) -> None:
        self._leader = leader
        self._mark = mark

    def signal(self, number: int) -> bool:
        """Signal the group; returns whether anybody was there."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._leader, number)
            else:
                os.kill(self._leader, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def signal_strays(self, number: int) -> None:
        """Signal the processes that left the group but carry the call's mark."""
        for pid in _marked(self._mark):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def is_alive(self) -> bool:
        """Return whether anybody is left; the mark tells the living from those that only wait to be reaped."""
        return any(_marked(self._mark)) if self._mark and _PROCESSES.is_dir() else self.signal(0)


async def _start(program: Program) -> tuple[asyncio.SubprocessTransport, _Streams]:
    return await asyncio.get_running_loop().subprocess_exec(
        lambda: _Streams(program.max_output),
        *program.arguments,
        stdin=asyncio.subprocess.PIPE if program.stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=program.folder,
        env=dict(program.environment),
        start_new_session=True,
    )


async def _to_the_end(work: "asyncio.Future[Result]", on_cancel: Callable[[], object] = bool) -> bool:
    """Wait for work that must not be left half done; returns whether a cancellation came meanwhile."""
    cancelled = False
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            cancelled = True
            on_cancel()
    return cancelled


async def _ended_for_sure(group: _Group, protocol: _Streams, clock: Clock) -> None:
    """End the group however often this is cancelled meanwhile; that only shortens the grace."""
    ending = asyncio.ensure_future(_end(group, protocol, clock))
    if await _to_the_end(ending, lambda: group.signal(_KILL)):
        raise asyncio.CancelledError
    ending.result()


async def _end(group: _Group, protocol: _Streams, clock: Clock) -> None:
    group.signal(signal.SIGTERM)
    group.signal_strays(signal.SIGTERM)
    with suppress(TimeoutError):
        async with clock.timeout(GRACE):
            await protocol.exited.wait()
    group.signal(_KILL)
    group.signal_strays(_KILL)
    await protocol.exited.wait()
    await _gone(group, clock)


async def _gone(group: _Group, clock: Clock) -> None:
    """Wait until nobody is left of what was killed; they are reaped by whoever inherited them."""
    for _ in range(50):
        if not group.is_alive():
            return
        await clock.sleep(0.01)


def _feed(transport: asyncio.SubprocessTransport, content: bytes) -> None:
    pipe = cast("asyncio.WriteTransport | None", transport.get_pipe_transport(0))
    if pipe:
        pipe.write(content)
        pipe.close()  # what is buffered is still written; a program that does not read it is no error


def _marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    if not mark or not _PROCESSES.is_dir():
        return
    for entry in _PROCESSES.iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
