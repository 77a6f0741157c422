"""The one exception that a user's mistake raises, and how a script tells it."""

import sys
from pathlib import Path


class InputError(Exception):
    """Bad input, told so that its owner can mend it.

    The message names the file (and row and column, where there are any), what was expected, what was found, and what
    to do.
    """


def tell_errors(log: str | Path) -> None:
    """Make the script end with the message of an `InputError` in the log and on the terminal, without a traceback.

    Any other exception is a fault of ours: its traceback goes to both places.

    Parameters
    ----------
    log : str or Path
        The rule's log file.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    Path(log).write_text("", encoding="utf-8")

    def tell(kind, error, traceback):
        if issubclass(kind, InputError):
            text = f"ERROR: {error}\n"
        else:
            import traceback as tracebacks

            text = "".join(tracebacks.format_exception(kind, error, traceback))
        with open(log, "a", encoding="utf-8") as file:
            file.write(text)
        sys.stderr.write(text)

    sys.excepthook = tell
