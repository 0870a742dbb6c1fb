from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.ids import new_run_id
from orchestrator.testing import SeededRandomness, VirtualClock


@given(st.floats(0, 2**48 / 1000 - 1), st.integers(0, 2**32))
def test_a_run_id_is_a_uuid_of_version_7_with_its_time(now, seed):
    run_id = new_run_id(VirtualClock(now), SeededRandomness(seed))
    uuid = UUID(run_id)
    assert str(uuid) == run_id
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == int(now * 1000)


@given(st.lists(st.integers(0, 2**47), min_size=2, unique=True))
def test_run_ids_sort_by_the_time_of_their_making(times):
    randomness = SeededRandomness()
    ids = {time: new_run_id(VirtualClock(time / 1000 + 0.0001), randomness) for time in times}
    assert [ids[time] for time in sorted(times)] == sorted(ids.values())


def test_run_ids_of_one_moment_differ_in_every_random_bit():
    clock, randomness = VirtualClock(), SeededRandomness()
    numbers = [UUID(new_run_id(clock, randomness)).int for _ in range(500)]
    assert len(set(numbers)) == 500
    seen_set = seen_clear = 0
    for number in numbers:
        seen_set |= number
        seen_clear |= ~number
    random_bits = (0xFFF << 64) | 0x3FFF_FFFF_FFFF_FFFF
    assert seen_set & seen_clear & ((1 << 80) - 1) == random_bits
