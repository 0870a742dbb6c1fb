"""The event loop behind the sync door."""

import asyncio
import signal
import sys
import threading

import pytest

from orchestrator.app.private_loop import PrivateLoop
from orchestrator.errors import SetupError


async def nothing() -> None:
    pass


def press_ctrl_c(ready: threading.Event) -> None:
    """Interrupt the main thread once the work has begun and the main thread waits for it."""
    ready.wait()
    main = threading.main_thread().ident
    assert main is not None
    while sys._current_frames()[main].f_code.co_name != "wait":
        pass
    signal.pthread_kill(main, signal.SIGINT)


def test_work_runs_on_one_thread_of_its_own() -> None:
    async def where() -> int:
        return threading.get_ident()

    loop = PrivateLoop()
    first, second = loop.run(where, twin="awhere"), loop.run(where, twin="awhere")
    loop.close(nothing)
    assert first == second != threading.get_ident()


def test_several_threads_can_use_it_at_once() -> None:
    async def scenario(event: asyncio.Event) -> str:
        await event.wait()
        return "both"

    async def make() -> asyncio.Event:
        return asyncio.Event()

    async def release(event: asyncio.Event) -> None:
        event.set()

    loop = PrivateLoop()
    event = loop.run(make, twin="x")
    results: list[str] = []
    waiting = threading.Thread(target=lambda: results.append(loop.run(lambda: scenario(event), twin="x")))
    waiting.start()
    loop.run(lambda: release(event), twin="x")
    waiting.join()
    loop.close(nothing)
    assert results == ["both"]


def test_inside_a_running_loop_it_refuses_and_names_the_twin() -> None:
    async def scenario() -> None:
        PrivateLoop().run(nothing, twin="arun")

    with pytest.raises(SetupError, match=r"await orc\.arun"):
        asyncio.run(scenario())


def test_what_the_work_raises_comes_back() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    loop = PrivateLoop()
    with pytest.raises(ValueError, match="broken"):
        loop.run(broken, twin="x")
    loop.close(nothing)


def test_a_time_out_of_the_work_itself_comes_back() -> None:
    async def late() -> None:
        raise TimeoutError("late")

    loop = PrivateLoop()
    with pytest.raises(TimeoutError, match="late"):
        loop.run(late, twin="x")
    loop.close(nothing)


def test_closing_runs_the_last_work_also_where_nothing_ran_before() -> None:
    done: list[str] = []

    async def last() -> None:
        done.append("closed")

    PrivateLoop().close(last)
    assert done == ["closed"]


def test_closing_ends_what_is_still_under_way() -> None:
    ended: list[bool] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def leave_behind() -> None:
        tasks.append(asyncio.create_task(forever()))
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[None]] = []
    loop = PrivateLoop()
    loop.run(leave_behind, twin="x")
    loop.close(nothing)
    assert ended == [True]


def test_closing_twice_is_fine() -> None:
    loop = PrivateLoop()
    loop.run(nothing, twin="x")
    loop.close(nothing)
    loop.close(nothing)


def test_the_first_ctrl_c_interrupts_the_work_and_waits_for_it() -> None:
    async def scenario() -> str:
        stopped = asyncio.Event()
        holder.append(stopped)
        ready.set()
        await stopped.wait()
        return "stopped gently"

    holder: list[asyncio.Event] = []
    ready = threading.Event()
    loop = PrivateLoop()

    threading.Thread(target=press_ctrl_c, args=(ready,)).start()
    result = loop.run(scenario, twin="x", interrupt=lambda: holder[0].set())  # noqa: PLW0108 - the list is empty yet
    loop.close(nothing)
    assert result == "stopped gently"


def test_without_a_gentle_way_ctrl_c_cancels_the_work() -> None:
    ready = threading.Event()
    cancelled: list[bool] = []

    async def scenario() -> None:
        ready.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    loop = PrivateLoop()
    threading.Thread(target=press_ctrl_c, args=(ready,)).start()
    with pytest.raises(KeyboardInterrupt):
        loop.run(scenario, twin="x")
    loop.close(nothing)
    assert cancelled == [True]
