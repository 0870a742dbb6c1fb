"""Money that runs share, in a table beside them; each change is one transaction of the database's one writer."""

import sqlite3
from decimal import Decimal
from typing import cast

from orchestrator.state.money import read_money
from orchestrator.state.sqlite_database import Database

_SUM = "SELECT total FROM ledger WHERE key = ?"


class SqliteLedger:
    """Sums in a table of their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, key: str, amount: Decimal, *, cap: Decimal | None = None) -> Decimal | None:
        """Add an amount and return the sum; None when that would pass the cap."""
        with self._database.transaction() as connection:
            total = self._read(connection, key) + amount
            if cap is not None and total > cap:
                return None
            _write(connection, key, total)
        return total

    async def settle(self, key: str, *, reserved: Decimal, spent: Decimal) -> None:
        """Put what a call did cost in the place of what was reserved for it."""
        with self._database.transaction() as connection:
            _write(connection, key, self._read(connection, key) + spent - reserved)

    async def total(self, key: str) -> Decimal:
        """Return the sum."""
        rows = self._database.rows(_SUM, (key,))
        return read_money(rows[0][0], str(self._database.path)) if rows else Decimal(0)

    def _read(self, connection: sqlite3.Connection, key: str) -> Decimal:
        row = cast("tuple[object] | None", connection.execute(_SUM, (key,)).fetchone())
        return read_money(row[0], str(self._database.path)) if row else Decimal(0)


def _write(connection: sqlite3.Connection, key: str, total: Decimal) -> None:
    connection.execute("INSERT OR REPLACE INTO ledger VALUES (?, ?)", (key, str(total)))
