"""Chance that repeats itself."""

from hashlib import blake2b


class SeededRandomness:
    """A `core.clock.Randomness` that gives the same numbers for the same seed, on every machine and version."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._drawn = 0

    def random(self) -> float:
        """Return the next number in [0, 1)."""
        return (int.from_bytes(self.bytes(7), "big") >> 3) * 2.0**-53

    def bytes(self, count: int) -> bytes:
        """Return the next bytes; guessable, of course."""
        drawn = b""
        while len(drawn) < count:
            self._drawn += 1
            drawn += blake2b(f"{self._seed}:{self._drawn}".encode()).digest()
        return drawn[:count]
