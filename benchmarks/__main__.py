"""Print the table: `python -m benchmarks` (or `make bench`)."""

import platform
import sys

from benchmarks.measure import Figure
from benchmarks.workloads import figures


def main() -> int:
    """Measure, print a row as soon as it is known, and say how many goals are met."""
    print(
        f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}, {_date()}"
    )
    print(f"{'workload':44} {'raw limit':>24} {'py-orc':>12} {'ratio':>7} {'goal':>9}")
    rows: list[Figure] = []
    for row in figures():
        rows.append(row)
        goal = "–" if row.goal is None else f"≤ {row.goal:.3g}×"
        mark = "" if row.goal is None else "✓" if row.reached else "✗"
        print(
            f"{row.workload:44} {_shown(row.raw)} {row.raw_name:>14} {_shown(row.ours):>12} {row.ratio:6.2f}× {goal:>9} {mark}",
            flush=True,
        )
    promised = [row for row in rows if row.goal is not None]
    print(f"{sum(row.reached for row in promised)} of {len(promised)} goals met")
    return 0


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:7.1f} µs" if seconds < 0.001 else f"{seconds * 1e3:7.1f} ms"


def _date() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
