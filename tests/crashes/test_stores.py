"""A real process is killed with -9 while it writes; another one reads what is left and goes on."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestrator.core.journal import RunEnded
from orchestrator.errors import RunBusyError
from orchestrator.state.open import open_store
from orchestrator.testing import SeededRandomness
from orchestrator.testing.samples import done, sample_run

WRITER = Path(__file__).with_name("writer.py")
URLS = ["sqlite:{}/orc.db", "files:{}/state"]
FOR_EVER = 1_000_000

pytestmark = pytest.mark.parametrize("url", URLS, ids=["sqlite", "files"])


def start(url, number=1, count=FOR_EVER):
    command = [sys.executable, WRITER, url, str(number), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextmanager
def running(url, *arguments):
    """Run a writer that is dead afterwards, also when the test fails while it stands still."""
    with start(url, *arguments) as process:
        try:
            yield process
        finally:
            process.kill()


def confirmations(process):
    """Yield how many records the process knows to be safe, beginning with 0 when it holds the run."""
    for line in process.stdout:
        word, number = line.split()
        yield 0 if word == "held" else int(number)


def inspect(url, scenario):
    async def main():
        store = open_store(url)
        try:
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(main())


def records_of(url):
    return list(inspect(url, lambda store: store.read(sample_run().run_id)))


def test_what_was_confirmed_survives_kills_at_any_moment(tmp_path, url):
    url = url.format(tmp_path)
    randomness = SeededRandomness(7)
    before = 1
    for _ in range(6):
        with running(url) as process:
            safe = before
            for steps, confirmed in enumerate(confirmations(process)):
                safe = max(safe, confirmed)
                if steps >= randomness.random() * 40:
                    break
            process.kill()
            # What it said before the signal reached it counts too.
            safe = max([safe, *confirmations(process)])
        found = records_of(url)
        assert len(found) >= safe, "nothing that was confirmed is lost"
        assert found == [sample_run(), *map(done, range(1, len(found)))], "what is left is a prefix"
        before = len(found)
    with start(url, count=before + 3) as process:
        assert process.stdout.read().endswith("ended\n")
    assert records_of(url)[-1] == RunEnded(1.0, "completed", {})


def test_a_run_is_busy_while_its_process_lives_and_free_once_it_died(tmp_path, url):
    url = url.format(tmp_path)
    run_id = sample_run().run_id

    async def take(store):
        return await store.open(run_id)

    async def statuses(store):
        return [run.status for run in await store.runs()]

    with running(
        url, 1, 0
    ) as process:  # between two commits: in the middle of one it would hold the whole database
        next(confirmations(process))
        os.kill(process.pid, signal.SIGSTOP)  # a process that is stuck is no dead process
        with pytest.raises(RunBusyError, match=f"process {process.pid} on "):
            inspect(url, take)
        assert inspect(url, statuses) == ["running"]
        process.kill()
    assert inspect(url, statuses) == ["interrupted"]
    inspect(url, take)


def test_of_many_processes_that_want_a_dead_run_one_gets_it(tmp_path, url):
    url = url.format(tmp_path)
    with running(url) as process:
        next(confirmations(process))
        process.kill()
    heirs = [start(url) for _ in range(4)]
    first_words = [process.stdout.readline().split()[0] for process in heirs]
    for process in heirs:
        process.kill()
        process.communicate()
    assert sorted(first_words) == ["busy", "busy", "busy", "held"]
    found = records_of(url)
    assert found == [sample_run(), *map(done, range(1, len(found)))]


def test_many_processes_begin_a_store_together(tmp_path, url):
    url = url.format(tmp_path)
    writers = [start(url, number, 30) for number in range(1, 6)]
    assert [process.communicate()[0].splitlines()[-1] for process in writers] == ["ended"] * 5

    async def look(store):
        runs = await store.runs()
        return [(run.status, len(await store.read(run.run_id))) for run in runs]

    assert inspect(url, look) == [("completed", 31)] * 5
