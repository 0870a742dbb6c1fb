"""Running in the foreground: signals, the live tree or plain lines, the closing words."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, redirect_stdout
from types import FrameType

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.result import RunResult
from orchestrator.cli.exits import INTERRUPTED
from orchestrator.cli.results import print_ending, print_outputs
from orchestrator.cli.story import Story
from orchestrator.cli.terminal import err, out
from orchestrator.core.hook import Observer
from orchestrator.core.journal import Record
from orchestrator.core.pipeline import Pipeline

Prepared = tuple[Pipeline, Sequence[Record]]
"""What is going to run, and what it has done so far."""

Execute = Callable[[Pipeline, Observer | None], Awaitable[RunResult]]
"""Starts or continues the run with an observer."""

_CLOSED_TERMINAL = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()
_LAST_WORD = 1.0
"""Seconds that what is stopped at once gets, before the process ends whatever hangs."""


def run_in_foreground(
    orchestrator: Orchestrator,
    *,
    prepare: Callable[[], Awaitable[Prepared]],
    execute: Execute,
    quiet: bool,
    json: bool,
    live: bool = True,
) -> RunResult:
    """Execute a run to its end with its progress on stderr, print its result on stdout, and close the door.

    A run that is over in no time is not `live`: its progress is told in lines, never drawn.
    """
    return asyncio.run(_Foreground(orchestrator, quiet=quiet, json=json, live=live).run(prepare, execute))


class _Foreground:
    def __init__(self, orchestrator: Orchestrator, *, quiet: bool, json: bool, live: bool) -> None:
        self._orchestrator = orchestrator
        self._quiet = quiet
        self._json = json
        self._live = live
        self._signals = 0
        self._note: Callable[[str], None] = self._say

    async def run(self, prepare: Callable[[], Awaitable[Prepared]], execute: Execute) -> RunResult:
        # What a tool prints is no result: stdout belongs to the outputs and the result document alone.
        with redirect_stdout(sys.stderr):
            async with self._orchestrator:
                self._heed_signals()
                pipeline, earlier = await prepare()
                display, observer = self._display(pipeline, earlier)
                async with display:
                    result = await execute(pipeline, observer)
        self._close(result)
        return result

    def _display(
        self, pipeline: Pipeline, earlier: Sequence[Record]
    ) -> tuple[AbstractAsyncContextManager[object], Observer | None]:
        """Return who shows the progress, as a context and as an observer."""
        paper = err()
        if self._quiet:
            return nullcontext(), None
        if self._live and paper.is_terminal and os.environ.get("TERM") != "dumb":
            from orchestrator.cli.live import LiveTree

            tree = LiveTree(pipeline, self._orchestrator.clock)
            for position, record in enumerate(earlier):
                tree(position, record)
            self._note = tree.note
            return tree, tree
        return nullcontext(), Story(paper, pipeline, earlier=earlier)

    def _close(self, result: RunResult) -> None:
        if self._json:
            from orchestrator.cli.document import print_document

            print_document(result.as_data())
        elif result.status in ("completed", "partial"):  # outputs of other runs are all null
            print_outputs(out(), result.outputs)
        paper = err()
        if result.existed and not self._quiet:
            told = f"run {result.run_id} exists already under this key"
            paper.line(f"{paper.paint('note:', 'yellow')} {told}")
        if not self._quiet or result.status != "completed":
            print_ending(paper, result, brief=paper.is_terminal and not self._quiet)

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, *_CLOSED_TERMINAL):
            try:
                loop.add_signal_handler(number, self._on_signal)
            except NotImplementedError:  # Windows has no handlers on the loop
                signal.signal(number, self._on_raw_signal)

    def _on_raw_signal(self, _number: int, _frame: FrameType | None) -> None:
        asyncio.get_running_loop().call_soon_threadsafe(self._on_signal)

    def _on_signal(self) -> None:
        """Stop gently the first time, at once the second."""
        self._signals += 1
        if self._signals == 1:
            self._note("stopping: what runs has a grace time; Ctrl-C again stops at once")
            self._orchestrator.interrupt()
            return
        self._orchestrator.interrupt_now()
        # A thread that does not listen would hold the process; the journal is safe, so it may be killed.
        asyncio.get_running_loop().call_later(_LAST_WORD, os._exit, INTERRUPTED)

    def _say(self, text: str) -> None:
        if not self._quiet:
            paper = err()
            paper.line(paper.paint(text, "yellow"))
