"""The order of the steps of one block: who waits for whom, what can run together, where it goes in circles."""

from collections.abc import Sequence

from msgspec import Struct


class Graph(Struct, frozen=True):
    """Dependencies between the steps of a block, by their index as written; free of cycles."""

    dependencies: tuple[tuple[int, ...], ...]
    dependents: tuple[tuple[int, ...], ...]

    @property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """The steps by the length of the longest way to them; what shares a level can run together."""
        depth = [0] * len(self.dependencies)
        for index in _topological(self.dependencies, self.dependents):
            depth[index] = max((depth[before] + 1 for before in self.dependencies[index]), default=0)
        levels: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
        for index, level in enumerate(depth):
            levels[level].append(index)
        return tuple(tuple(level) for level in levels)

    @property
    def order(self) -> tuple[int, ...]:
        """One order in which the steps can run one after the other; as written where the graph allows it."""
        return tuple(_topological(self.dependencies, self.dependents))

    def descendants(self, index: int) -> frozenset[int]:
        """Return every step that waits for this one, directly or not."""
        return _reachable(self.dependents, index)

    def ancestors(self, index: int) -> frozenset[int]:
        """Return every step that this one waits for, directly or not."""
        return _reachable(self.dependencies, index)


def build_graph(dependencies: Sequence[Sequence[int]]) -> Graph:
    """Return the graph of a block; call `find_cycle` first, for a cycle would leave its steps out of any order."""
    dependents: list[list[int]] = [[] for _ in dependencies]
    for index, befores in enumerate(dependencies):
        for before in befores:
            dependents[before].append(index)
    return Graph(
        dependencies=tuple(tuple(befores) for befores in dependencies),
        dependents=tuple(tuple(afters) for afters in dependents),
    )


def find_cycle(dependencies: Sequence[Sequence[int]]) -> list[int] | None:
    """Return one cycle as the path that walks it (first and last step are the same), or None."""
    state = [0] * len(dependencies)  # 0 unseen, 1 on the path, 2 done
    for start in range(len(dependencies)):
        if state[start]:
            continue
        path = [start]
        waiting = [iter(dependencies[start])]
        state[start] = 1
        while path:
            following = next(waiting[-1], None)
            if following is None:
                state[path.pop()] = 2
                waiting.pop()
            elif state[following] == 1:
                return [*path[path.index(following) :], following]
            elif state[following] == 0:
                state[following] = 1
                path.append(following)
                waiting.append(iter(dependencies[following]))
    return None


def _topological(dependencies: Sequence[Sequence[int]], dependents: Sequence[Sequence[int]]) -> list[int]:
    """Return the steps in an order that respects all edges (Kahn); lower index first among the ready."""
    from heapq import heapify, heappop, heappush

    missing = [len(befores) for befores in dependencies]
    ready = [index for index, count in enumerate(missing) if count == 0]
    heapify(ready)
    order: list[int] = []
    while ready:
        index = heappop(ready)
        order.append(index)
        for after in dependents[index]:
            missing[after] -= 1
            if missing[after] == 0:
                heappush(ready, after)
    return order


def _reachable(edges: Sequence[Sequence[int]], start: int) -> frozenset[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for index in edges[waiting.pop()]:
            if index not in found:
                found.add(index)
                waiting.append(index)
    return frozenset(found)
