import asyncio
import threading

import pytest

from orchestrator.testing import VirtualClock, run_virtual
from orchestrator.testing.virtual_time import START


def test_days_pass_at_once_and_exactly():
    clock = VirtualClock()

    async def main():
        await clock.sleep(3 * 86_400)
        return clock.monotonic(), clock.now()

    assert run_virtual(main(), clock) == (259_200.0, START + 259_200.0)


def test_timers_fire_in_the_order_of_their_times():
    async def main():
        clock = VirtualClock()
        told = []

        async def tell(seconds):
            await asyncio.sleep(seconds)
            told.append((seconds, asyncio.get_running_loop().time()))

        await asyncio.gather(*(tell(seconds) for seconds in (3.0, 1.0, 2.0)))
        assert clock.monotonic() == 0.0, "a clock that no loop lives by stands still"
        return told

    assert run_virtual(main()) == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


def test_time_stands_still_while_anything_is_ready():
    clock = VirtualClock()

    async def main():
        timer = asyncio.ensure_future(clock.sleep(0.001))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert clock.monotonic() == 0.0
        await timer
        assert clock.monotonic() == 0.001

    run_virtual(main(), clock)


@pytest.mark.parametrize("seconds", [0, -5])
def test_sleeping_for_no_time_lets_others_run(seconds):
    clock = VirtualClock()

    async def main():
        told = []
        asyncio.get_running_loop().call_soon(told.append, "other")
        await clock.sleep(seconds)
        assert told == ["other"]
        assert clock.monotonic() == 0.0

    run_virtual(main(), clock)


def test_time_outs_come_in_virtual_time():
    clock = VirtualClock()

    async def main():
        async with clock.timeout(None), clock.timeout(10):
            await clock.sleep(9)
        with pytest.raises(TimeoutError):
            async with clock.timeout(10):
                await clock.sleep(11)
        assert clock.monotonic() == 19.0
        await clock.sleep(5)  # the sleep that was given up ends in nobody's hands

    run_virtual(main(), clock)


def test_the_clock_waits_for_threads():
    clock = VirtualClock()
    go_on = threading.Event()

    async def main():
        timer = asyncio.ensure_future(clock.sleep(60))
        thread = asyncio.ensure_future(asyncio.to_thread(go_on.wait, 5))
        threading.Timer(0.05, go_on.set).start()
        assert await thread
        assert clock.monotonic() == 0.0
        await timer
        assert clock.monotonic() == 60.0

    run_virtual(main(), clock)


def test_a_thread_that_waits_for_a_timer_gets_it_when_patience_ends():
    clock = VirtualClock()
    is_over = threading.Event()

    async def main():
        asyncio.get_running_loop().call_later(60, is_over.set)
        assert await asyncio.to_thread(is_over.wait, 5)
        assert clock.monotonic() == 60.0

    run_virtual(main(), clock, patience=0.01)


def test_a_wait_that_can_never_end_is_an_error():
    async def main():
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing that they wait for can happen"):
        run_virtual(main(), patience=0.01)


def test_sockets_on_this_machine_work():
    async def main():
        async def answer(reader, writer):
            writer.write((await reader.readline()).upper())
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            assert await reader.readline() == b"HELLO\n"
            writer.close()
            await writer.wait_closed()

    run_virtual(main())


def test_the_time_of_day_can_jump_and_nothing_else_notices():
    clock = VirtualClock(100.0)
    clock.advance(5)
    clock.set_time_of_day(50.0)
    assert (clock.now(), clock.monotonic()) == (50.0, 5.0)
    clock.advance(1)
    assert (clock.now(), clock.monotonic()) == (51.0, 6.0)
