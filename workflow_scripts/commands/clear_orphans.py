"""End the jobs that a killed run left behind, and remove what they had half written (make resume).

A job is an orphan where no run is above it any more. A run that still goes on is never touched.
"""

import argparse
from contextlib import suppress
from pathlib import Path

import psutil

from commands import call, parser_of
from vhi.io.errors import InputError
from vhi.study.load import label

GRACE_S = 5


def runs_and_jobs(folder: Path) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Processes of Snakemake in a folder: the runs, and the jobs that no run is above."""
    runs, jobs = [], []
    for process in psutil.process_iter(["cmdline", "cwd"]):  # None for what may not be seen
        words, place = process.info["cmdline"], process.info["cwd"]
        if not words or not place or Path(place).resolve() != folder:
            continue
        if any("/.snakemake/scripts/" in word for word in words) or (_is_snakemake(words) and "--mode" in words):
            jobs.append(process)
        elif _is_snakemake(words):
            runs.append(process)
    alive = {process.pid for process in runs}
    return runs, [job for job in jobs if not alive & {process.pid for process in _around(job, "parents")}]


def clear(folder: Path, results: Path) -> tuple[int, int]:
    """End orphans and remove half-written files.

    Parameters
    ----------
    folder : Path
        Where Snakemake was started.
    results : Path
        Results of the study.

    Returns
    -------
    ended, removed : int
        Processes and files.

    Raises
    ------
    InputError
        Where a run goes on in the folder.
    """
    runs, orphans = runs_and_jobs(folder.resolve())
    if runs:
        raise InputError(
            f"{folder.resolve()}: a run goes on here (process {runs[0].pid}); wait for its end, or end it (kill {runs[0].pid}), and "
            "resume then"
        )
    family = {
        process.pid: process for orphan in orphans for process in [orphan, *_around(orphan, "children", recursive=True)]
    }
    for signal in ("terminate", "kill"):  # asked first; what cleans up does, what hangs does not
        for process in family.values():
            with suppress(psutil.NoSuchProcess):
                getattr(process, signal)()
        if not psutil.wait_procs(list(family.values()), timeout=GRACE_S)[1]:
            break
    halves = [path for path in results.rglob(".writing-*") if path.is_file()]
    for path in halves:
        path.unlink()
    return len(family), len(halves)


def _is_snakemake(words: list[str]) -> bool:
    return any(Path(word).name == "snakemake" for word in words[:3])


def _around(process: psutil.Process, who: str, **how: bool) -> list[psutil.Process]:
    """Parents or children of a process; none of one that has ended."""
    with suppress(psutil.NoSuchProcess):
        return getattr(process, who)(**how)
    return []


def main(options: argparse.Namespace) -> None:
    """Clear, and say what was done."""
    ended, removed = clear(Path.cwd(), Path("results") / label(options.study, options.variant))
    print(f"{ended} orphaned processes ended, {removed} half-written files removed")


if __name__ == "__main__":
    call(main, parser_of("resume", __doc__), None)
