"""Makes the pictures of the README from what a first `make demo` really shows: `python -m docs.pictures` (needs tmux and chromium)."""

import re
import subprocess
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
COLUMNS, LINES = 104, 26
SESSION = "py-orc-pictures"
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def main() -> None:
    """Write both pictures."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "terminal.svg").write_text(
        svg_of(screen_after("ORC_FEATURES=cache=false make demo")), encoding="utf-8"
    )
    page = (ROOT / "demo-output/digest.html").as_uri()
    picture = IMAGES / "report.png"
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1180,900",
         f"--screenshot={picture}", page],
        check=True, capture_output=True,
    )  # fmt: skip
    print(f"wrote {IMAGES / 'terminal.svg'} and {picture}")


def screen_after(command: str) -> str:
    """Return what a terminal shows, with its colours, once a command has ended."""
    subprocess.run(
        ["tmux", "new-session", "-d", "-s", SESSION, "-x", str(COLUMNS), "-y", str(LINES), "-c", str(ROOT),
         f"printf '$ make demo\\n'; {command} && echo ENDED || echo FAILED; sleep 60"],
        check=True,
    )  # fmt: skip
    try:
        shown = ""
        for _ in range(300):
            shown = _tmux("capture-pane", "-p", "-e", "-t", SESSION)
            if "ENDED" in shown:
                return shown.partition("ENDED")[0].rstrip()
            if "FAILED" in shown:
                break
            time.sleep(0.1)
        raise SystemExit(f"the command did not succeed:\n{shown}")
    finally:
        _tmux("kill-session", "-t", SESSION)


def svg_of(screen: str) -> str:
    """Return a screen as SVG that loads nothing from elsewhere and does not name this machine's folders."""
    shown = screen.replace(ROOT.as_uri(), "file:///home/you/py-orc")
    console = Console(record=True, width=COLUMNS, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(Text.from_ansi(shown + "\n"))
    svg = console.export_svg(title="make demo", theme=MONOKAI, unique_id="demo")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: Fira Code, monospace", f"font-family: {FONT}", svg)


def _tmux(*words: str) -> str:
    return subprocess.run(["tmux", *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
