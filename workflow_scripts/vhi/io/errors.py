"""The one exception that a user's mistake raises, and how a script tells it."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vhi.io.terminal import say

# What a machine may refuse: neither the user's input nor a fault of ours.
REFUSED = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "files may not grow that large here; raise the limit (ulimit -f)",
    errno.EROFS: "the disk is read-only; make it writable",
    errno.EACCES: "no permission; give it (chmod, chown)",
    errno.EPERM: "no permission; give it (chmod, chown)",
}


class InputError(Exception):
    """Bad input, told so that its owner can mend it.

    The message names the file (and row and column, where there are any), what was expected, what was found, and what
    to do.
    """


@contextmanager
def naming(what: object) -> Iterator[None]:
    """Put a file, a scan or a reader in front of the message of an `InputError` that is raised within."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{what}: {error}") from error


def tell_errors(log: str | Path) -> None:
    """Make the script end with the message of an `InputError` in the log and on the terminal, without a traceback.

    Any other exception is a fault of ours: its traceback goes to both places.

    Parameters
    ----------
    log : str or Path
        The rule's log file.
    """

    def tell(kind, error, traceback):
        if issubclass(kind, InputError):
            text = f"ERROR: {error}\n"
        elif reason := refusal(error):
            text = f"ERROR: {reason}, and run again: what is done is kept, and nothing is left half written\n"
        else:
            import traceback as tracebacks

            text = "".join(tracebacks.format_exception(kind, error, traceback))
        say(text.rstrip("\n"))
        with suppress(OSError), open(log, "a", encoding="utf-8") as file:  # on a full disk there is no log either
            file.write(text)

    sys.excepthook = tell
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    Path(log).write_text("", encoding="utf-8")


def refusal(error: BaseException | None) -> str | None:
    """Say in words what the machine refused: file and reason; None where it refused nothing.

    Parameters
    ----------
    error : exception
        Or one that was raised while it was handled; libraries hide a full disk in errors of their own.

    Returns
    -------
    str or None
    """
    while error is not None:
        for number, reason in REFUSED.items():
            if getattr(error, "errno", None) == number:
                return f"{error.filename or 'a result'}: {reason}"
            if not isinstance(error, OSError) and f"os error {number})" in str(error):  # safetensors
                return f"a result: {reason}"
        error = error.__cause__ or error.__context__
    return None
