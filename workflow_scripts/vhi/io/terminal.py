"""Lines on a terminal on which a run counts in one line (`vhi.io.progress`), by that run and by its scripts."""

import shutil
import sys

CLEAR = "\r\033[K"
"""Empties that line; what is printed next stands in its place."""


def in_place(line: str) -> None:
    """Print a line, cut to the width of the terminal, whose place the next one takes."""
    sys.stderr.write(f"{CLEAR}{line[: shutil.get_terminal_size().columns - 1]}\r")
    sys.stderr.flush()


def say(text: str) -> None:
    """Print a line that stays, on standard error."""
    print(f"{CLEAR if sys.stderr.isatty() else ''}{text}", file=sys.stderr, flush=True)
