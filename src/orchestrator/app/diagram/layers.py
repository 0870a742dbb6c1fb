"""Layered drawing of a graph, pure numbers in and out: rows, the order within a row, horizontal places.

The classic three steps (Sugiyama): steps stand in the row of their level, edges over several rows get an invisible cell in
each row between, cells are ordered to cross few edges (barycentre sweeps), and then moved towards their neighbours as far
as order and gaps allow (isotonic regression by pooling, which is the exact least-squares answer for one row).
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

_SWEEPS = 8
_STRAIGHTNESS = 4.0
"""How much more an invisible cell insists on its place than a box: long edges stay straight."""


class Layers(Struct, frozen=True):
    """Cells in rows; cells from `boxes` on are invisible."""

    boxes: int
    rows: tuple[tuple[int, ...], ...]
    links: tuple[tuple[int, int], ...]
    """From a cell to one in the next row."""
    chains: tuple[tuple[int, ...], ...]
    """For each edge the cells it passes, ends included."""


def arrange(levels: Sequence[Sequence[int]], edges: Sequence[tuple[int, int]]) -> Layers:
    """Return the rows of a graph with few crossings; deterministic, as written where nothing speaks against it."""
    rows = [list(level) for level in levels]
    row_of = {cell: number for number, row in enumerate(rows) for cell in row}
    boxes = len(row_of)
    fresh = boxes
    chains: list[tuple[int, ...]] = []
    for upper, lower in edges:
        chain = [upper]
        for number in range(row_of[upper] + 1, row_of[lower]):
            rows[number].append(fresh)
            chain.append(fresh)
            fresh += 1
        chains.append((*chain, lower))
    links = [link for chain in chains for link in pairwise(chain)]
    best = _ordered(rows, links)
    return Layers(boxes, tuple(tuple(row) for row in best), tuple(links), tuple(chains))


def place(layers: Layers, widths: Sequence[float], *, gap: float, thin: float) -> list[float]:
    """Return the horizontal centre of every cell, the leftmost edge at 0; `thin` is the width of invisible cells."""
    count = sum(len(row) for row in layers.rows)
    sizes = [*widths, *([thin] * (count - layers.boxes))]
    above, below = _neighbours(layers.links, count)
    centres = [0.0] * count
    for row in layers.rows:
        _pack(row, sizes, gap, centres)
    for sweep in range(_SWEEPS):
        rows, sides = (layers.rows, above) if sweep % 2 == 0 else (layers.rows[::-1], below)
        for row in rows:
            _settle(row, sides, sizes, gap, centres, boxes=layers.boxes)
    left = min((centres[cell] - sizes[cell] / 2 for cell in range(count)), default=0.0)
    return [centre - left for centre in centres]


def _ordered(rows: list[list[int]], links: list[tuple[int, int]]) -> list[list[int]]:
    above, below = _neighbours(links, 1 + max((cell for row in rows for cell in row), default=0))
    best, fewest = [row[:] for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        numbers = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        sides = above if sweep % 2 == 0 else below
        for number in numbers:
            fixed = {
                cell: index for index, cell in enumerate(rows[number - 1 if sweep % 2 == 0 else number + 1])
            }
            here = {cell: index for index, cell in enumerate(rows[number])}
            rows[number].sort(key=lambda cell: _mean([fixed[side] for side in sides[cell]], here[cell]))
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [row[:] for row in rows], crossings
    return best


def _crossings(rows: list[list[int]], below: list[list[int]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        places = {cell: index for index, cell in enumerate(lower)}
        seen: list[int] = []
        for cell in upper:
            ends = sorted(places[side] for side in below[cell])
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _neighbours(links: Sequence[tuple[int, int]], count: int) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _pack(row: Sequence[int], sizes: Sequence[float], gap: float, centres: list[float]) -> None:
    """Put a row's cells side by side, its middle at 0."""
    place = -(sum(sizes[cell] for cell in row) + gap * (len(row) - 1)) / 2
    for cell in row:
        centres[cell] = place + sizes[cell] / 2
        place += sizes[cell] + gap


def _settle(
    row: Sequence[int],
    sides: list[list[int]],
    sizes: Sequence[float],
    gap: float,
    centres: list[float],
    *,
    boxes: int,
) -> None:
    """Move a row's cells as near to their neighbours' middle as order and gaps allow."""
    offsets: list[float] = []
    offset = 0.0
    for before, cell in zip((None, *row), row, strict=False):
        if before is not None:
            offset += (sizes[before] + sizes[cell]) / 2 + gap
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # mean, weight, cells
    for cell, offset in zip(row, offsets, strict=True):
        wanted = _mean([centres[side] for side in sides[cell]], centres[cell]) - offset
        weight, cells = _STRAIGHTNESS if cell >= boxes else 1.0, 1
        while pools and pools[-1][0] > wanted:
            mean, mass, many = pools.pop()
            wanted = (wanted * weight + mean * mass) / (weight + mass)
            weight, cells = weight + mass, cells + many
        pools.append((wanted, weight, cells))
    places = iter(offsets)
    cells_left = iter(row)
    for mean, _, many in pools:
        for _ in range(many):
            centres[next(cells_left)] = mean + next(places)
