"""The nearest valid name to one that is wrong."""

from collections.abc import Iterable

_MANY = 24
"""Candidates that are named without a choice among them."""
_SHOWN = 12
_COMPARED = 1_000


def nearest(word: object, candidates: Iterable[object], *, cutoff: float = 0.6) -> str:
    """Return the candidate that looks most like the word, in any case, or an empty text."""
    from difflib import get_close_matches

    if not isinstance(word, str):
        return ""
    by_lower = {name.lower(): name for name in candidates if isinstance(name, str) and name}
    found = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else ""


def suggestion(word: str, candidates: Iterable[object], *, kind: str = "there is") -> str:
    """Return a sentence that names the nearest candidate, or all of them, of many the likeliest, when none is near."""
    known = sorted({name for name in candidates if isinstance(name, str)})
    near = nearest(word, known)
    if near:
        return f"did you mean `{near}`?"
    if not known:
        return ""
    if len(known) <= _MANY:
        return f"{kind}: {', '.join(known)}."
    from difflib import get_close_matches

    return f"{kind}: {', '.join(get_close_matches(word, known[:_COMPARED], n=_SHOWN, cutoff=0.0))}, …"
