"""The options of `py-orc run`, in one table, and the quick reader of its plain forms.

Starting a pipeline should cost less than a Typer import. So the table below makes both: the Typer command, which serves
help, completion and every complaint, and this reader, which knows only lines that are right. A line it does not understand
goes to Typer, so there is one meaning and one wording of errors.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Kind = Literal["text", "texts", "number", "switch"]


class RunOption(NamedTuple):
    """One option: how it is written, and what it means."""

    flags: tuple[str, ...]
    kind: Kind
    help: str
    metavar: str = ""


RUN_OPTIONS: Mapping[str, RunOption] = {
    "values": RunOption(
        ("-i", "--input"),
        "texts",
        "An input; @FILE takes the text from a file. May be repeated.",
        "NAME=VALUE",
    ),
    "inputs": RunOption(("--inputs",), "text", "Inputs from a YAML or JSON file; - reads stdin.", "FILE"),
    "json": RunOption(("--json",), "switch", "Print one result document."),
    "quiet": RunOption(("-q", "--quiet"), "switch", "Show no progress."),
    "workspace": RunOption(("--workspace",), "text", "Folder that paths start from. [default: here]", "DIR"),
    "store": RunOption(("--store",), "text", "Where runs are kept, such as sqlite:PATH or files:DIR.", "URL"),
    "key": RunOption(("--key",), "text", "Starting twice with one key gives the same run.", "KEY"),
    "max_parallel": RunOption(("--max-parallel",), "number", "Actions at a time.", "N"),
    "offline": RunOption(("--offline",), "switch", "Reach nothing but this machine."),
    "frozen": RunOption(("--frozen",), "switch", "Take <AUTO> values from the lock alone."),
    "record": RunOption(("--record",), "text", "Keep what models and tools answer in a cassette.", "DIR"),
    "replay": RunOption(("--replay",), "text", "Ask nobody: take all answers from a cassette.", "DIR"),
    "trust_tools": RunOption(("--trust-tools",), "switch", "Execute a tools.py from outside the workspace."),
}


class RunArguments(NamedTuple):
    """What a line `py-orc run …` says."""

    file: str
    values: Sequence[str] = ()
    inputs: str = ""
    json: bool = False
    quiet: bool = False
    workspace: str = ""
    store: str = ""
    key: str = ""
    max_parallel: int | None = None
    offline: bool = False
    frozen: bool = False
    record: str = ""
    replay: str = ""
    trust_tools: bool = False


_BY_FLAG = {flag: (name, option) for name, option in RUN_OPTIONS.items() for flag in option.flags}


def read_run_arguments(words: Sequence[str]) -> RunArguments | None:
    """Return what the words after `run` say; None for a line that is better left to Typer."""
    reading = _Reading()
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if word == "--":
            reading.files += reversed(rest)
            break
        if word.startswith("-") and word != "-":
            if not reading.take(word, rest):
                return None
        else:
            reading.files.append(word)
    if len(reading.files) != 1:
        return None
    return RunArguments(file=reading.files[0], **reading.found)  # pyright: ignore[reportArgumentType]


class _Reading:
    def __init__(self) -> None:
        self.files: list[str] = []
        self.found: dict[str, object] = {}

    def take(self, word: str, rest: list[str]) -> bool:
        """Read one option with its value; False when it is not understood."""
        flag, equals, attached = word.partition("=")
        if not word.startswith("--"):
            flag, attached = word[:2], word[2:]
            equals = attached
        known = _BY_FLAG.get(flag)
        if known is None:
            return False
        name, option = known
        if option.kind == "switch":
            self.found[name] = True
            return not equals
        if not equals and not rest:
            return False
        return self._keep(name, option.kind, attached if equals else rest.pop())

    def _keep(self, name: str, kind: Kind, value: str) -> bool:
        if kind == "number":
            if not value.isdecimal() or not value.isascii() or value == "0":
                return False
            self.found[name] = int(value)
        elif kind == "texts":
            self.found[name] = (*self.found.get(name, ()), value)  # pyright: ignore[reportGeneralTypeIssues]
        else:
            self.found[name] = value
        return True
