"""A journal that tells observers."""

import asyncio
import logging

import pytest

from orchestrator.app.observed_journal import ObservedJournal
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated, RunEnded, RunWarned
from orchestrator.core.store import Message
from orchestrator.state.memory import MemoryStore
from orchestrator.testing import collect

CREATED = RunCreated(0.0, RunId("r"), "demo", {}, {}, {}, "/w", {})


def test_observers_hear_each_record_with_its_position_once_the_journal_has_it() -> None:
    async def scenario() -> None:
        store, observer = MemoryStore(), collect()
        journal = ObservedJournal(await store.create(CREATED), [observer], position=0)
        journal.tell(CREATED)
        journal.append(RunWarned(1.0, "careful"))
        await journal.written()
        await journal.synced()
        assert observer.positions == [0, 1]
        assert observer.records == list(await store.read(RunId("r")))
        assert journal.run_id == "r"

    asyncio.run(scenario())


def test_an_observer_that_raises_is_logged_and_the_others_hear(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_position: int, _record: Record) -> None:
        raise RuntimeError("observer")

    async def scenario() -> None:
        observer = collect()
        journal = ObservedJournal(await MemoryStore().create(CREATED), [broken, observer], position=3)
        journal.append(RunEnded(1.0, "completed", {}))
        assert observer.positions == [3]

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())
    assert "an observer failed at record 3 of run r" in caplog.text


def test_messages_and_the_end_pass_through() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        journal = ObservedJournal(await store.create(CREATED), [], position=0)
        await store.post(RunId("r"), Message("m", "cancel", {"by": "me"}))
        assert [message.kind for message in await journal.inbox()] == ["cancel"]
        await journal.close()
        await (await store.open(RunId("r"))).close()

    asyncio.run(scenario())
