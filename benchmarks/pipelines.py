"""Pipeline files of any size, as text."""


def chain(length: int, *, operator: str = "") -> str:
    """Return a file whose steps each read the one before; `operator` is what the template does with it."""
    lines = ["name: chain", "steps:", "  - id: s0", "    action: let", "    with: {v: 1}"]
    for index in range(1, length):
        lines += [
            f"  - id: s{index}",
            "    action: let",
            f'    with: {{v: "{{{{ steps.s{index - 1}.v{operator} }}}}"}}',
        ]
    lines += ["outputs:", f'  last: "{{{{ steps.s{length - 1}.v }}}}"']
    return "\n".join(lines) + "\n"


def fan_out(width: int) -> str:
    """Return a file with one step, many that read it, and one that joins them."""
    lines = ["name: fan-out", "steps:", "  - id: first", "    action: let", "    with: {v: 1}"]
    for index in range(width):
        lines += [f"  - id: s{index}", "    action: let", '    with: {v: "{{ steps.first.v }}"}']
    needs = ", ".join(f"s{index}" for index in range(width))
    lines += ["  - id: last", "    action: let", f"    needs: [{needs}]", "    with: {v: 1}"]
    return "\n".join(lines) + "\n"
