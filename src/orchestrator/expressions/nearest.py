"""The nearest valid name to one that is wrong."""

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[object]) -> str:
    """Return the candidate that looks most like the word, or an empty text."""
    from difflib import get_close_matches

    found = get_close_matches(word, [name for name in candidates if isinstance(name, str)], n=1, cutoff=0.6)
    return found[0] if found else ""


def suggestion(word: str, candidates: Iterable[object], *, kind: str = "there is") -> str:
    """Return a sentence that names the nearest candidate, or all of them when none is near."""
    known = sorted({name for name in candidates if isinstance(name, str)})
    near = nearest(word, known)
    if near:
        return f"did you mean `{near}`?"
    if not known:
        return ""
    shown = ", ".join(known[:60])
    return f"{kind}: {shown}{', …' if len(known) > 60 else ''}."
