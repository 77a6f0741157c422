"""Disease region by a program of the user's: any network that reads a T1w scan and writes a mask."""

import shlex
import subprocess
from pathlib import Path

from vhi.io.errors import InputError

PLACES = ("{t1w}", "{region}")


def check_command(command: str | None, where: str) -> None:
    """Check that a command line names the scan that it reads and the mask that it writes.

    Raises
    ------
    InputError
        Where there is no command, or a place in braces is missing.
    """
    missing = [place for place in PLACES if place not in (command or "")]
    if missing:
        raise InputError(
            f"{where}: disease_region.command: expected a command line with {{t1w}} (NIfTI to read) and {{region}} (NIfTI mask to "
            f"write), such as 'segment_pelvis {{t1w}} {{region}}'; found {f'no {missing[0]}' if command else 'none'}; "
            "set it, or choose another disease_region.source"
        )


def region_by_command(command: str, t1w: str | Path, folder: str | Path) -> Path:
    """Let a program write the mask of a scan's disease region.

    Parameters
    ----------
    command : str
        Command line for the shell; ``{t1w}`` and ``{region}`` stand for the scan (absolute path) and for the mask to be written.
    t1w : path
        NIfTI file.
    folder : path
        Empty folder in which the program runs and where the mask is expected.

    Returns
    -------
    Path
        The mask, not yet checked: on which grid it lies and what it holds.

    Raises
    ------
    InputError
        Where the program fails or writes no mask, with its last lines.
    """
    region = Path(folder).resolve() / "region.nii.gz"
    line = command.replace("{t1w}", shlex.quote(str(Path(t1w).resolve()))).replace("{region}", shlex.quote(str(region)))
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode or not region.is_file():
        found = f"it ended with status {done.returncode}" if done.returncode else "it ended well and wrote none"
        said = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-10:]) or "(nothing)"
        raise InputError(
            f"{t1w}: disease_region.command: expected a mask from\n  {line}\nfound that {found}. It said:\n  {said}\n"
            "Run the line by hand until it writes the mask, then run again"
        )
    return region
