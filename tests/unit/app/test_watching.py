"""A journal that tells watchers."""

import asyncio
import logging

import pytest

from orchestrator.app.watching import WatchedJournal
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated, RunEnded, RunWarned
from orchestrator.core.store import Message
from orchestrator.state.memory import MemoryStore
from orchestrator.testing import collect

CREATED = RunCreated(0.0, RunId("r"), "demo", {}, {}, {}, "/w", {})


def test_watchers_hear_each_record_with_its_position_once_the_journal_has_it() -> None:
    async def scenario() -> None:
        store, watcher = MemoryStore(), collect()
        journal = WatchedJournal(await store.create(CREATED), [watcher], position=0)
        journal.tell(CREATED)
        journal.append(RunWarned(1.0, "careful"))
        await journal.written()
        await journal.synced()
        assert watcher.positions == [0, 1]
        assert watcher.records == list(await store.read(RunId("r")))
        assert journal.run_id == "r"

    asyncio.run(scenario())


def test_a_watcher_that_raises_is_logged_and_the_others_hear(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_position: int, _record: Record) -> None:
        raise RuntimeError("watcher")

    async def scenario() -> None:
        watcher = collect()
        journal = WatchedJournal(await MemoryStore().create(CREATED), [broken, watcher], position=3)
        journal.append(RunEnded(1.0, "completed", {}))
        assert watcher.positions == [3]

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())
    assert "a watcher failed at record 3 of run r" in caplog.text


def test_messages_and_the_end_pass_through() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        journal = WatchedJournal(await store.create(CREATED), [], position=0)
        await store.post(RunId("r"), Message("m", "cancel", {"by": "me"}))
        assert [message.kind for message in await journal.inbox()] == ["cancel"]
        await journal.close()
        await (await store.open(RunId("r"))).close()

    asyncio.run(scenario())
