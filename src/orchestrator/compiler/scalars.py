"""Plain scalars of YAML as the 1.2 core schema reads them: `yes`, `on` and `1:30` are text, `0o17` and `1e3` numbers."""

_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_MAY_BE_SPECIAL = frozenset("~nNtTfF.+-0123456789")
_DIGITS = frozenset("0123456789")
LONGEST_NUMBER = 1000
"""Digits of a number; longer ones are refused."""


def core_scalar(text: str) -> object:
    """Return the value of a plain scalar; raises ValueError for a number that is too long to be one."""
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in ".+-" and text[0] not in _DIGITS:
        return text
    return _number(text)


def _number(text: str) -> object:
    digits = text[1:] if text[0] in "+-" else text
    if not digits:
        return text
    if len(digits) > LONGEST_NUMBER and _DIGITS.issuperset(digits):
        raise ValueError(f"a number of {len(digits)} digits")
    if _DIGITS.issuperset(digits):
        return int(text)
    if text.startswith(("0o", "0x")):
        return _in_base(text, 8 if text[1] == "o" else 16)
    return float(text) if _is_float(digits) else text


def _in_base(text: str, base: int) -> object:
    digits = text[2:]
    allowed = "01234567" if base == 8 else "0123456789abcdefABCDEF"
    return int(digits, base) if digits and not digits.strip(allowed) else text


def _is_float(text: str) -> bool:
    """Tell whether the text matches `(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?`."""
    mantissa, exponent_mark, exponent = text.replace("E", "e", 1).partition("e")
    if exponent_mark:
        exponent = exponent[1:] if exponent[:1] in ("+", "-") else exponent
        if not exponent or not _DIGITS.issuperset(exponent):
            return False
    whole, _, fraction = mantissa.partition(".")
    return bool(whole or fraction) and _DIGITS.issuperset(whole) and _DIGITS.issuperset(fraction)
