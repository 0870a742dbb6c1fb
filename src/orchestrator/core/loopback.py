"""Whether an address is on this machine, by its text: nothing is looked up."""


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine and nothing else."""
    host = host.strip("[]").partition("%")[0].lower().removesuffix(".")
    if host in {"localhost", "::1", "0.0.0.0", "::", ""} or host.endswith(".localhost"):  # noqa: S104 - whoever connects to "any" address reaches this machine
        return True
    return _is_loopback_number(host.removeprefix("::ffff:"))


def _is_loopback_number(host: str) -> bool:
    parts = host.split(".")
    return (
        len(parts) == 4 and parts[0] == "127" and all(part.isdecimal() and len(part) <= 3 for part in parts)
    )
