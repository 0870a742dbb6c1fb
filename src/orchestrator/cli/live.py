"""The live tree of a run on a terminal; the only user of rich, imported only there."""

import asyncio
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.app.plain import span
from orchestrator.app.progress import ProgressTracker
from orchestrator.app.sanitising import one_line
from orchestrator.cli.board import Board, Row
from orchestrator.cli.terminal import SYMBOLS
from orchestrator.core.clock import Clock
from orchestrator.core.journal import Record
from orchestrator.core.pipeline import Pipeline

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PER_SECOND = 10
_BAR = 24


class LiveTree:
    """Shows a run while it is under way, and its last picture when it is over; an observer and a context."""

    def __init__(self, pipeline: Pipeline, clock: Clock, *, stderr: bool = True) -> None:
        self._board = Board(pipeline)
        self._progress = ProgressTracker(pipeline)
        self._clock = clock
        self._console = Console(stderr=stderr, highlight=False, soft_wrap=False)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            transient=False,
        )
        self._beat: asyncio.Task[None] | None = None
        self._note = ""

    def __call__(self, position: int, record: Record, /) -> None:
        """Take one record; the next beat shows it."""
        self._board(position, record)
        self._progress(position, record)

    def note(self, text: str) -> None:
        """Show a line below the tree from now on."""
        self._note = text
        self._draw()

    async def __aenter__(self) -> Self:
        self._live.start()
        self._beat = asyncio.create_task(self._keep_drawing())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beat is not None:
            self._beat.cancel()
        self._note = ""
        self._draw(last=True)
        self._live.stop()

    async def _keep_drawing(self) -> None:
        while True:
            self._draw()
            await self._clock.sleep(1 / _PER_SECOND)

    def _draw(self, *, last: bool = False) -> None:
        self._live.update(self._picture(last=last), refresh=True)

    def _picture(self, *, last: bool) -> RenderableType:
        now = self._clock.now()
        table = Table.grid(padding=(0, 1), expand=False)
        table.add_column(no_wrap=True, overflow="ellipsis", min_width=16)
        table.add_column(justify="right", no_wrap=True, style="dim", min_width=7)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for row in self._board.rows(now, limit=max(6, self._console.height - 4)):
            table.add_row(*_cells(row, now, last=last))
        parts: list[RenderableType] = [self._head(now), table]
        if not last:
            parts.append(self._foot())
            if self._note:
                parts.append(Text(self._note, style="yellow"))  # in a line of its own: it must not be cut
        return Group(*parts)

    def _head(self, now: float) -> Text:
        state = self._board.state
        end = state.ended_at if state.ended_at is not None else now
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append(one_line(state.pipeline or self._board.pipeline.name), style="bold")
        head.append(f"  {state.run_id}  ", style="dim")
        head.append(span(max(0.0, end - state.created_at)) if state.created_at else "", style="dim")
        tokens = state.usage.input_tokens + state.usage.output_tokens
        if tokens:
            head.append(f"  {tokens:,} tokens", style="dim")
        if state.usage.cost is not None:
            head.append(f"  ${state.usage.cost}", style="dim")
        return head

    def _foot(self) -> Text:
        percentage = self._progress.latest.percentage if self._progress.latest else 0.0
        full = round(_BAR * percentage / 100)
        foot = Text(no_wrap=True, overflow="ellipsis")
        foot.append("━" * full, style="cyan").append("━" * (_BAR - full), style="bright_black")
        foot.append(f" {percentage:3.0f} %", style="dim")
        return foot


def _cells(row: Row, now: float, *, last: bool) -> tuple[Text, str, Text]:
    sign, colour = SYMBOLS.get(row.status, ("·", "dim"))
    if row.status == "running" and not last:
        sign = _FRAMES[int(now * _PER_SECOND) % len(_FRAMES)]
    title = Text("  " * row.depth)
    title.append(f"{sign} ", style=colour)
    title.append(row.title, style="dim" if row.status in {"pending", "skipped", "more"} else "")
    seconds = "" if row.seconds is None or row.status == "skipped" else span(row.seconds)
    return title, seconds, Text(row.detail, style="red" if row.status == "failed" else "dim")
