"""Permits are taken all at once, in order, and never lost."""

import asyncio

import pytest

from orchestrator.engine.permits import Permits
from orchestrator.errors import ActionError


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


def waiting(*requests):
    return [not request.done() for request in requests]


def test_waiting_is_in_order_of_arrival_and_others_may_pass_with_what_nobody_lacks():
    async def scenario():
        permits = Permits({"gpu": 2, "api": 1})
        assert permits.take_now({"gpu": 2})
        large, small = permits.request({"gpu": 2}), permits.request({"gpu": 1})
        assert permits.request({"api": 1}).done()
        permits.release({"gpu": 1})
        assert waiting(large, small) == [True, True]
        permits.release({"gpu": 1})
        assert waiting(large, small) == [False, True]
        permits.release({"gpu": 2})
        assert small.done()

    run(scenario())


def test_who_waits_for_one_kind_does_not_hold_up_those_who_need_another():
    async def scenario():
        permits = Permits({"task": 4, "gpu": 1})
        assert permits.take_now({"task": 1, "gpu": 1})
        behind = [permits.request({"task": 1, "gpu": 1}) for _ in range(3)]
        assert all(waiting(*behind))
        assert permits.request({"task": 1}).done()
        assert permits.request({"task": 1}).done()

    run(scenario())


def test_the_first_in_line_keeps_back_what_it_needs_so_that_it_does_not_wait_for_ever():
    async def scenario():
        permits = Permits({"task": 2, "gpu": 1})
        assert permits.take_now({"task": 1, "gpu": 1})
        first = permits.request({"task": 1, "gpu": 1})
        passing = permits.request({"task": 1})
        assert waiting(first, passing) == [True, True]
        permits.release({"task": 1, "gpu": 1})
        assert waiting(first, passing) == [False, False]

    run(scenario())


def test_giving_up_waiting_leaves_the_permits_to_others():
    async def scenario():
        permits = Permits({"gpu": 1})
        assert permits.take_now({"gpu": 1})
        first, second = permits.request({"gpu": 1}), permits.request({"gpu": 1})
        permits.give_up(first, {"gpu": 1})
        assert first.cancelled()
        permits.release({"gpu": 1})
        assert second.done()

    run(scenario())


def test_permits_granted_to_somebody_who_gave_up_meanwhile_come_back():
    async def scenario():
        permits = Permits({"gpu": 1})
        assert permits.take_now({"gpu": 1})
        waiter = permits.request({"gpu": 1})
        permits.release({"gpu": 1})
        assert waiter.done()
        permits.give_up(waiter, {"gpu": 1})
        assert permits.take_now({"gpu": 1})

    run(scenario())


def test_giving_up_a_large_request_lets_smaller_ones_behind_it_go():
    async def scenario():
        permits = Permits({"gpu": 2})
        assert permits.take_now({"gpu": 1})
        large, small = permits.request({"gpu": 2}), permits.request({"gpu": 1})
        assert waiting(large, small) == [True, True]
        permits.give_up(large, {"gpu": 2})
        assert small.done()

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
