"""What a run tells its user: how long it still takes, and which readings are open. Needs only what Snakemake itself brings."""

import logging
import time
from collections.abc import Callable, Iterable

EVERY_S = 30
"""Seconds between two estimates."""


def duration(seconds: float) -> str:
    """Print a duration as a human would: seconds, minutes, hours."""
    if seconds < 55:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class TimeLeft(logging.Filter):
    """Tell now and then how long a run still takes, from the jobs that are done.

    Snakemake says how many jobs are done. Jobs differ (a training takes minutes, a limit a second), so that this is a rough
    guess; it counts the later half of the finished jobs only, which are more like those that come.

    Parameters
    ----------
    tell : callable
        Prints a line.
    clock : callable
        Seconds.
    """

    def __init__(self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self.tell, self.clock, self.seen, self.told = tell, clock, [(0, clock())], clock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass; at one on progress, say how long it still takes."""
        done, total = getattr(record, "done", None), getattr(record, "total", None)
        if isinstance(done, int) and isinstance(total, int):
            self.seen.append((done, self.clock()))
            left = self.left(total)
            if left and self.clock() - self.told >= EVERY_S:
                self.told = self.clock()
                self.tell(f"{total - done} jobs left, about {duration(left)}")
        return True

    def left(self, total: int) -> float:
        """Seconds left; 0 where nothing can be said."""
        done, now = self.seen[-1]
        before, then = next((count, at) for count, at in self.seen if count >= done // 2)
        return (total - done) * (now - then) / (done - before) if done > before else 0.0


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
