"""The nearest valid name to one that is wrong."""

from collections.abc import Iterable

_SHOWN = 60


def nearest(word: object, candidates: Iterable[object], *, cutoff: float = 0.6) -> str:
    """Return the candidate that looks most like the word, in any case, or an empty text."""
    from difflib import get_close_matches

    if not isinstance(word, str):
        return ""
    by_lower = {name.lower(): name for name in candidates if isinstance(name, str) and name}
    found = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else ""


def suggestion(word: str, candidates: Iterable[object], *, kind: str = "there is") -> str:
    """Return a sentence that names the nearest candidate, or all of them when none is near."""
    known = sorted({name for name in candidates if isinstance(name, str)})
    near = nearest(word, known)
    if near:
        return f"did you mean `{near}`?"
    if not known:
        return ""
    shown = ", ".join(known[:_SHOWN])
    return f"{kind}: {shown}{', …' if len(known) > _SHOWN else ''}."
