"""The program that applies a regular expression; it runs alone, with nothing but the standard library."""

import json
import re
import sys

Task = dict[str, object]
_FLAGS = {"ignore_case": re.IGNORECASE, "multiline": re.MULTILINE, "dot_all": re.DOTALL}


def find(task: Task) -> Task:
    """Return the answer to a task."""
    text, limit, flags = str(task["text"]), int(str(task["limit"])), str(task["flags"]).split()
    try:
        pattern = re.compile(str(task["pattern"]), sum(_FLAGS[flag] for flag in flags))
        matches: list[re.Match[str]] = []
        for match in pattern.finditer(text):
            if len(matches) == limit:
                return {"error": f"it fits more than {limit} times; raise `limit`"}
            matches.append(match)
        replace = task["replace"]
        replaced = None if replace is None else pattern.sub(str(replace), text)
    except (re.error, IndexError, OverflowError, RecursionError) as error:
        return {"error": str(error)}
    first = matches[0] if matches else None
    return {
        "value": {
            "matches": [_described(match) for match in matches],
            "count": len(matches),
            "first": None if first is None else first.group(1 if first.re.groups else 0),
            "text": replaced,
        }
    }


def _described(match: re.Match[str]) -> Task:
    return {
        "text": match.group(),
        "start": match.start(),
        "end": match.end(),
        "groups": list(match.groups()),
        "named": match.groupdict(),
    }


def limit_memory(count: int) -> None:
    """Let this process have no more than so many bytes, where the platform can say so."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (count, count))


def main() -> None:
    """Read a task, answer it."""
    given: Task = json.load(sys.stdin)
    limit_memory(int(str(given["memory"])))
    json.dump(find(given), sys.stdout)


if __name__ == "__main__":
    main()
