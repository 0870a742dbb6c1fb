import pytest

from orchestrator.core.graph import build_graph, find_cycle

DIAMOND = [[], [0], [0], [1, 2], []]  # a >> [b, c] >> d, and e beside it


def test_a_diamond():
    graph = build_graph(DIAMOND)
    assert graph.order == (0, 1, 2, 3, 4)
    assert graph.levels == ((0, 4), (1, 2), (3,))
    assert graph.dependents == ((1, 2), (3,), (3,), (), ())
    assert graph.ancestors(3) == {0, 1, 2}
    assert graph.descendants(0) == {1, 2, 3}
    assert graph.descendants(4) == graph.ancestors(0) == frozenset()


def test_an_empty_block():
    graph = build_graph([])
    assert (graph.order, graph.levels, find_cycle([])) == ((), (), None)


def test_steps_written_in_the_wrong_order_are_put_right():
    assert build_graph([[2], [], [1]]).order == (1, 2, 0)


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        (DIAMOND, None),
        ([[0]], [0, 0]),
        ([[1], [0]], [0, 1, 0]),
        ([[], [0, 3], [1], [2]], [1, 3, 2, 1]),
    ],
)
def test_a_cycle_is_told_as_the_way_around_it(graph, cycle):
    assert find_cycle(graph) == cycle


def test_a_long_chain_needs_no_recursion():
    chain = [[], *([index] for index in range(20_000))]
    assert find_cycle(chain) is None
    assert len(build_graph(chain).levels) == 20_001
