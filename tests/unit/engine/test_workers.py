"""Threads and processes, really started."""

import asyncio
import os
from types import SimpleNamespace

import pytest

from doubles.worker_functions import die, hang, whoami
from orchestrator.engine.workers import Workers
from orchestrator.errors import ActionError

NO_CONTEXT = SimpleNamespace()


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(60):
            return await coroutine

    return asyncio.run(bounded())


def test_a_thread_is_of_this_process_and_another_thread():
    workers = Workers(threads=1)
    pid, thread, n = run(workers.in_thread(whoami, {"n": 1}, NO_CONTEXT))
    workers.close()
    assert (pid, n) == (os.getpid(), 1)
    assert thread.startswith("py-orc")


def test_a_process_is_another_one():
    workers = Workers(processes=1)
    pid, _, n = run(workers.in_process(whoami, {"n": 2}))
    workers.close()
    assert pid != os.getpid()
    assert n == 2


def test_a_process_that_dies_is_a_failure_and_the_next_call_gets_a_new_one():
    async def scenario():
        workers = Workers(processes=1)
        with pytest.raises(ActionError, match="died"):
            await workers.in_process(die, {})
        _, _, n = await workers.in_process(whoami, {"n": 3})
        workers.close()
        return n

    assert run(scenario()) == 3


def test_giving_up_kills_the_process_and_calls_beside_it_are_made_again(tmp_path):
    async def scenario():
        workers = Workers(processes=2)
        started = tmp_path / "started"
        hanging = asyncio.create_task(workers.in_process(hang, {"started": str(started)}))
        while not started.exists():  # noqa: ASYNC110 — another process makes it
            await asyncio.sleep(0.01)
        beside = asyncio.create_task(workers.in_process(whoami, {"n": 4}))
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        _, _, n = await beside
        workers.close()
        return n

    assert run(scenario()) == 4


def test_closing_without_having_worked_is_fine():
    Workers().close()
