"""The graph against the standard library's."""

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.graph import build_graph, find_cycle


@st.composite
def graphs(draw, *, acyclic=False):
    size = draw(st.integers(0, 9))
    return [
        draw(st.lists(st.integers(0, index - 1 if acyclic else size - 1), unique=True, max_size=4))
        if index or not acyclic
        else []
        for index in range(size)
    ]


@st.composite
def shuffled(draw):
    """An acyclic graph whose steps are written in any order."""
    graph = draw(graphs(acyclic=True))
    place = draw(st.permutations(range(len(graph))))
    moved = [[]] * len(graph)
    for index, befores in enumerate(graph):
        moved[place[index]] = [place[before] for before in befores]
    return moved


def has_cycle(graph):
    try:
        TopologicalSorter(dict(enumerate(graph))).prepare()
    except CycleError:
        return True
    return False


@given(graphs())
def test_a_cycle_is_found_exactly_where_there_is_one(graph):
    cycle = find_cycle(graph)
    assert (cycle is not None) == has_cycle(graph)
    if cycle is not None:
        assert len(cycle) > 1
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(after in graph[step] for step, after in pairwise(cycle))


@given(shuffled())
def test_the_order_holds_every_step_once_and_after_what_it_needs(graph):
    order = build_graph(graph).order
    assert sorted(order) == list(range(len(graph)))
    place = {step: index for index, step in enumerate(order)}
    assert all(place[before] < place[step] for step, befores in enumerate(graph) for before in befores)


@given(graphs(acyclic=True))
def test_the_order_is_the_written_one_where_that_is_possible(graph):
    assert build_graph(graph).order == tuple(range(len(graph)))


@given(shuffled())
def test_levels_hold_every_step_once_one_above_the_deepest_it_needs(graph):
    levels = build_graph(graph).levels
    depth = {step: level for level, steps in enumerate(levels) for step in steps}
    assert sorted(depth) == list(range(len(graph)))
    for step, befores in enumerate(graph):
        assert depth[step] == max((depth[before] + 1 for before in befores), default=0)


@given(shuffled())
def test_ancestors_and_descendants_mirror_each_other(graph):
    built = build_graph(graph)
    for step in range(len(graph)):
        assert step not in built.ancestors(step)
        assert {other for other in range(len(graph)) if step in built.ancestors(other)} == built.descendants(
            step
        )
        expected = set(graph[step]).union(*(built.ancestors(before) for before in graph[step]))
        assert built.ancestors(step) == expected
