"""Text from outside, made safe to keep and to show: no escape sequences, no control characters, no hidden reordering."""

import re
from typing import Final

_SEQUENCES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC; unended ones to the line's end
    r"|\x1b[ -/]*[0-~]"  # two characters and more
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI in one byte
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # what is left of C0, DEL and C1; not \t \n \r
    r"|[\u202a-\u202e\u2066-\u2069]",  # overrides and isolates that show text in another order than it is read
    re.DOTALL,
)


def clean(text: str) -> str:
    """Return the text without terminal sequences, bidirectional overrides, and controls other than tab and line ends."""
    return text if text.isprintable() else _SEQUENCES.sub("", text)
