"""What to say when a recording does not hold a request: the nearest one that it holds, word by word."""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from orchestrator.app.recording.cassette import Recording, name_of
from orchestrator.core.misfit import counted
from orchestrator.core.tape import Taped
from orchestrator.errors import ActionError

_LONGEST = 20_000
"""Characters of a request that are compared."""
_AROUND = 6
"""Words that are shown on both sides of a difference."""


def miss(kind: Taped, request: Mapping[str, object], known: Iterable[Recording]) -> ActionError:
    """Return the error for a request that was never recorded."""
    same_kind = [each for each in known if each.kind == kind]
    told = f"the recording holds no such call of {_what(kind, request)}"
    if not same_kind:
        return _error(f"{told}, and none like it", "record the run again, with --record.")
    wanted = _text(request)
    nearest = max(same_kind, key=lambda each: _likeness(_text(each.request), wanted))
    name = name_of(kind, nearest.request)
    differences = word_diff(_text(nearest.request), wanted)
    return _error(
        f"{told}\nthe nearest recorded one is {name}, which differs ([-recorded-] {{+asked+}}):\n  {differences}",
        "record the run again with --record, or make the call as it was.",
    )


def used_up(kind: Taped, request: Mapping[str, object], count: int) -> ActionError:
    """Return the error for a request that was recorded, but not so often."""
    told = f"the recording holds this call of {_what(kind, request)} {counted(count, 'time')}, and it is made once more"
    return _error(f"{told}: {name_of(kind, request)}", "record the run again, with --record.")


def word_diff(old: str, new: str) -> str:
    """Return both texts as one, with the words marked that were taken away and put in."""
    olds, news = _words(old), _words(new)
    parts: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(_shortened(olds[a:b], first=not parts, last=b == len(olds)))
            continue
        taken, put = "".join(olds[a:b]), "".join(news[c:d])
        parts.append((f"[-{taken}-]" if taken else "") + (f"{{+{put}+}}" if put else ""))
    return "".join(parts)


def _error(message: str, advice: str) -> ActionError:
    return ActionError(f"{message}\n→ {advice}", error_class="invalid_request", retryable=False)


def _what(kind: Taped, request: Mapping[str, object]) -> str:
    name = next((request[key] for key in ("action", "model", "task") if request.get(key)), kind)
    return str(name) if kind in ("action", "model") else f"{name} ({kind})"


def _text(request: Mapping[str, object]) -> str:
    return json.dumps(request, sort_keys=True, ensure_ascii=False)[:_LONGEST]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _words(one)[:500], _words(other)[:500], autojunk=False).ratio()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    head, tail = ([] if first else words[: 2 * _AROUND]), ([] if last else words[-2 * _AROUND :])
    if len(words) <= len(head) + len(tail) + 1:
        return "".join(words)
    return "".join([*head, "…", *tail])
