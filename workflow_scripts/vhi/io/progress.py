"""What a run tells its user: how long it still takes, and which readings are open. Needs only what Snakemake itself brings."""

import logging
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

STEPS = 10
"""How often a run is told of where there is no terminal whose line can be written anew: as many lines in all."""

CHATTER = (
    "Select jobs", "Assuming unrestricted shared", "Building DAG", "Using shell", "Provided ", "Rules claiming", "Conda environments",
    "Group jobs", "Waiting at most", "Shutting down", "Elapsed time", "Using workflow specific profile", "Using profile",
)  # fmt: skip
REPEATED = ("RuleException", "CalledProcessError", "SpawnedJobError")
NO_SPACE = "No space left on device"


def duration(seconds: float) -> str:
    """Print a duration as a human would: seconds, minutes, hours."""
    if seconds < 55:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Terminal(logging.Filter):
    """Print of a run what its user needs: one line that counts and estimates, every error, its cause first.

    A filter of what goes to the terminal; Snakemake's own log file keeps every line. Jobs differ (a training takes minutes, a
    limit a second), so that the time left is a rough guess; it counts the later half of the finished jobs only, which are more
    like those that come.

    Parameters
    ----------
    tell : callable
        Prints a line.
    folders : tuple of path
        Those that a run writes to; said where their disk is full.
    clock : callable
        Seconds.
    steps : bool
        Whether each job is printed too (VERBOSE=1).
    rewrite : callable or None
        As `vhi.io.terminal.in_place`, where the terminal can; without it, `STEPS` lines come in all.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        folders: tuple[str | Path, ...] = (),
        clock: Callable[[], float] = time.monotonic,
        steps: bool = False,
        rewrite: Callable[[str], None] | None = None,
    ):
        super().__init__()
        self.tell, self.folders, self.clock, self.steps, self.rewrite = tell, folders, clock, steps, rewrite
        self.seen, self.told, self.full, self.doing = [(0, clock())], 0, False, ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is printed as Snakemake has it; print in its place what is shorter or clearer."""
        printed = self.shown(record, getattr(getattr(record, "event", None), "name", ""))
        if printed and self.rewrite:
            self.rewrite("")
        return printed

    def shown(self, record: logging.LogRecord, kind: str) -> bool:
        """The same, by the kind of event."""
        if kind == "PROGRESS":
            self.progress(record.done, record.total)
        elif kind == "RUN_INFO":
            self.say(f"{record.stats['total']} jobs (VERBOSE=1 names each)")
        elif kind == "JOB_INFO" and record.rule_msg:
            self.doing = record.rule_msg
            if self.steps:
                self.say(self.doing)
        elif record.levelno >= logging.ERROR:
            return self.error(record)
        elif kind not in ("JOB_FINISHED", "JOB_STARTED", "RESOURCES_INFO", "JOB_INFO"):
            return not str(record.msg).startswith(CHATTER)
        return kind == "JOB_INFO" and not record.rule_msg

    def say(self, text: str) -> None:
        """Print a line that stays."""
        if self.rewrite:
            self.rewrite("")
        self.tell(text)

    def error(self, record: logging.LogRecord) -> bool:
        """Say a full disk before anything else, and in words what Snakemake takes for a slow file system."""
        text, kind = str(record.msg), getattr(record, "exception", None)
        full = next((folder for folder in self.folders if is_full(folder)), "it" if NO_SPACE in text else None)
        if full and not self.full:
            self.full = True
            where = "" if full == "it" else f" of {Path(full).resolve()}"
            self.say(f"ERROR: the disk{where} is full; free some space, and run again: what is done is kept")
        if lost := missing_files(text) or missing_input(text):
            self.say(lost)
            return False
        return not (kind in REPEATED and "non-zero exit status" in text)  # what failed and its log come by themselves

    def progress(self, done: int, total: int) -> None:
        """Take note of the jobs that are done; say how far the run is and how long it still takes."""
        self.seen.append((done, self.clock()))
        left = self.left(total)
        said = f"{done} of {total} jobs done" + (f", about {duration(left)} left" if left else "")
        told, self.told = self.told, STEPS * done // total
        if done == total or (self.told > told and not self.rewrite):
            self.say(said)
        elif self.rewrite:
            self.rewrite(said + (f": {self.doing}" if self.doing and not self.steps else ""))

    def left(self, total: int) -> float:
        """Seconds left; 0 where nothing can be said."""
        done, now = self.seen[-1]
        before, then = next((count, at) for count, at in self.seen if count >= done // 2)
        return (total - done) * (now - then) / (done - before) if done > before else 0.0


def is_full(folder: str | Path) -> bool:
    """Tell whether the disk of a folder has no room for another file of 100 kB."""
    try:
        return shutil.disk_usage(folder).free < 100_000
    except OSError:  # not there yet
        return False


def missing_files(text: str) -> str | None:
    """Say in words that files vanished, of Snakemake's text on files that it waited for; None of any other."""
    found = re.search(r"Missing files after \d+ seconds\..*?--latency-wait:\n(.*)", text, re.S)
    if not found:
        return None
    lines = [re.sub(r" \(missing locally.*", "", line).strip() for line in found[1].splitlines()]
    files = list(dict.fromkeys(line for line in lines if "/" in line or "." in line))
    return (
        f"ERROR: expected {', '.join(files)}, found nothing there: removed, moved or renamed while the run went on. "
        "Run again: what is missing is made again; let nothing else change results/ during a run"
    )


def missing_input(text: str) -> str | None:
    r"""Say in a line which files are not there yet, of Snakemake's text on rules without their input; None of any other.

    Examples
    --------
    >>> missing_input("MissingInputException in rule a:\n    affected files:\n        one.nii\n        two.nii\n")
    'Not there: one.nii and 1 more'
    """
    if not text.startswith("MissingInputException"):
        return None
    listed = re.findall(r"affected files:\n((?: {8}.+\n?)+)", text)
    files = list(dict.fromkeys(line.strip() for one in listed for line in one.splitlines()))
    return f"Not there: {files[0]}" + (f" and {len(files) - 1} more" if files[1:] else "") if files else None


def open_readings_text(waiting: Iterable[tuple[str, str, str]]) -> list[str]:
    """Say which reader has which scans open.

    Parameters
    ----------
    waiting : iterable of (scan, reader, trial)

    Returns
    -------
    list of str
        One line per reader.
    """
    of_reader: dict[str, list[str]] = {}
    for scan, reader, trial in waiting:
        of_reader.setdefault(reader, []).append(scan if str(trial) == "1" else f"{scan} (trial {trial})")
    return [f"reader {reader} has {len(scans)} open: {', '.join(scans)}" for reader, scans in of_reader.items()]


def preliminary_text(reasons: dict[str, str | None]) -> list[str]:
    """Say how many scans have a preliminary segmentation, and why others have none.

    Parameters
    ----------
    reasons : dict
        What is missing, by scan; None where the segmentation is there.

    Returns
    -------
    list of str
        The number, then one line per reason.
    """
    scans: dict[str, list[str]] = {}
    for scan, reason in reasons.items():
        if reason:
            scans.setdefault(reason, []).append(scan)
    missing = [
        f"{reason}: {', '.join(names[:12])}{f', ... ({len(names)} in all)' if len(names) > 12 else ''}"
        for reason, names in scans.items()
    ]
    there = sum(reason is None for reason in reasons.values())
    why = f": {' and '.join(scans)}" if scans else ""
    return [f"{there} of {len(reasons)} scans have a preliminary segmentation{why}", *missing]
