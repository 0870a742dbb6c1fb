"""Permits are taken all at once, in order, and never lost."""

import asyncio

import pytest

from orchestrator.engine.permits import Permits
from orchestrator.errors import ActionError


async def settled(*tasks: asyncio.Task[None]) -> list[bool]:
    for _ in range(3):
        await asyncio.wait([asyncio.ensure_future(_nothing())])
    return [task.done() for task in tasks]


async def _nothing() -> None:
    return None


def run(coroutine):
    return asyncio.run(coroutine)


def test_permits_are_taken_at_once_while_there_are_any():
    permits = Permits({"gpu": 2})
    assert permits.take_now({"gpu": 2})
    assert not permits.take_now({"gpu": 1})
    permits.release({"gpu": 2})
    assert permits.take_now({"gpu": 1})


def test_nothing_is_taken_when_one_kind_is_short():
    permits = Permits({"gpu": 1, "memory": 4})
    assert permits.take_now({"gpu": 1})
    assert not permits.take_now({"memory": 4, "gpu": 1})
    assert permits.take_now({"memory": 4})


def test_waiting_is_in_order_of_arrival_and_others_may_pass_with_what_nobody_lacks():
    async def scenario():
        permits = Permits({"gpu": 2, "api": 1})
        assert permits.take_now({"gpu": 2})
        large = asyncio.create_task(permits.acquire({"gpu": 2}))
        await settled(large)
        small = asyncio.create_task(permits.acquire({"gpu": 1}))
        await settled(small)
        other = asyncio.create_task(permits.acquire({"api": 1}))
        await settled(other)
        permits.release({"gpu": 1})
        assert await settled(large, small, other) == [False, False, True]
        permits.release({"gpu": 1})
        assert await settled(large, small) == [True, False]
        permits.release({"gpu": 2})
        assert await settled(small) == [True]

    run(scenario())


def test_giving_up_waiting_leaves_the_permits_to_others():
    async def scenario():
        permits = Permits({"gpu": 1})
        assert permits.take_now({"gpu": 1})
        first = asyncio.create_task(permits.acquire({"gpu": 1}))
        second = asyncio.create_task(permits.acquire({"gpu": 1}))
        await settled(first, second)
        first.cancel()
        assert await settled(first, second) == [True, False]
        permits.release({"gpu": 1})
        assert await settled(second) == [True]

    run(scenario())


def test_permits_granted_to_somebody_who_gave_up_meanwhile_come_back():
    async def scenario():
        permits = Permits({"gpu": 1})
        assert permits.take_now({"gpu": 1})
        waiter = asyncio.create_task(permits.acquire({"gpu": 1}))
        await settled(waiter)
        permits.release({"gpu": 1})
        waiter.cancel()
        await settled(waiter)
        assert waiter.cancelled()
        assert permits.take_now({"gpu": 1})

    run(scenario())


@pytest.mark.parametrize(
    ("needs", "message"),
    [({"gpu": 3}, "there are only 2 in all"), ({"tpu": 1}, r"offers no 'tpu' \(known: gpu\)")],
)
def test_what_can_never_be_had_is_refused_at_once(needs, message):
    with pytest.raises(ActionError, match=message) as error:
        Permits({"gpu": 2}).take_now(needs)
    assert error.value.error_class == "invalid_request"


def test_kinds_can_come_and_go():
    permits = Permits({})
    permits.offer("run:1", 1)
    assert permits.take_now({"run:1": 1})
    permits.release({"run:1": 1})
    permits.withdraw("run:1")
    with pytest.raises(ActionError):
        permits.take_now({"run:1": 1})
