"""Kill a small study at random moments, go on with `make resume`, and compare what it gives with an undisturbed run.

    .venv/bin/python benchmarks/accidents.py FOLDER [--kills 100] [--seed 1] [--minutes 45] [--table TSV]

The study has four scans and trains its networks for 60 steps, with a checkpoint every 10; it goes as far as V_HI. Each kill
(-9) comes after a random delay, up to the time of the undisturbed run, and hits the workflow, one of its jobs, or all of
them; every third waits for a training. What a run leaves is what the next one starts from. A run that ends well is
compared, byte by byte, and the results are made anew. FOLDER must not exist; the workflow is copied there.
"""

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"results", "data", "build", "tests", "docs"}  # of the checkout; and what is hidden
TARGETS = "preliminary training results/small/6_cleaning/measurements.tsv"
VICTIMS = ("workflow", "job", "both")
COLUMNS = ("kill", "victim", "processes", "in_training", "seconds")


def make_house(folder: Path, steps: int = 60, epoch: int = 10) -> Path:
    """Copy the workflow, with a training that leaves a checkpoint every `epoch` steps, and make the study."""
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, folder)
        elif path.name not in LEFT_OUT and not path.name.startswith("."):
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".venv").symlink_to(Path(sys.prefix))
    protocols = folder / "workflow_scripts" / "vhi" / "region" / "protocols.py"
    text = protocols.read_text()
    assert text.count("epoch: int = 350") == 1
    protocols.write_text(text.replace("epoch: int = 350", f"epoch: int = {epoch}"))
    study = SmallStudy(folder / "config" / "small")
    for part in ("T1W", "STIR", "marrow", "region"):
        shutil.copy(study.data / f"a2_{part}.nii.gz", study.data / f"b2_{part}.nii.gz")
        shutil.copy(study.data / f"a1_{part}.nii.gz", study.data / f"b1_{part}.nii.gz")
    study.scans = [
        [scan, scan[0].upper(), session, *(f"{scan}_{part}.nii.gz" for part in ("T1W", "STIR", "marrow", "region"))]
        + [None, "train"]
        for scan, session in (("a1", "pre"), ("a2", "post"), ("b1", "pre"), ("b2", "post"))
    ]
    study.config |= {
        "ensemble": {"source": "trained", "threads": 1},
        "training": {"folds": 2, "members": 1, "steps": steps, "threads": 1},
        "scans_per_job": 4,
    }
    study.readings = [row for row in study.readings if row[0] == "a1"]
    study.write()
    return folder


def start(folder: Path, targets: str) -> subprocess.Popen:
    """Start `make resume`; its words go to a file."""
    log = (folder / "log.txt").open("w")
    command = ["make", "--no-print-directory", "SETUP=", "resume", "STUDY=small", "CORES=2", f"ARGS={targets}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)


def processes(folder: Path) -> dict:
    """Snakemake and the scripts that run in a folder, by what they do: workflow, training, job."""
    found = {"workflow": [], "training": [], "job": []}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                words = " ".join(process.cmdline())
                if "/.snakemake/scripts/" in words and "bash" not in words:
                    found["training" if "3a_train_" in words else "job"].append(process)
                elif "snakemake" in words and "python" in words and "bash" not in words:
                    found["workflow"].append(process)
    return found


def kill(folder: Path, victim: str, rng: random.Random) -> tuple[int, bool]:
    """Kill -9 what the victim names, where it runs; give how many processes, and whether a training was among them."""
    there = processes(folder)
    jobs = there["job"] + there["training"]
    chosen = there["workflow"] if victim == "workflow" or not jobs else []
    if victim == "both":
        chosen = there["workflow"] + jobs
    elif victim == "job" and jobs:
        chosen = [rng.choice(there["training"] or jobs)]
    for process in chosen:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(chosen), bool(there["training"])


def results(folder: Path) -> dict:
    """Bytes of every result by its path; logs aside."""
    top = folder / "results" / "small"
    files = (path for path in sorted(top.rglob("*")) if path.is_file() and "logs" not in path.parts)
    return {str(path.relative_to(top)): path.read_bytes() for path in files}


def differences(found: dict, expected: dict) -> list:
    """Names of results that are missing, too many or different."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def finish(folder: Path, targets: str, expected: dict) -> None:
    """Run to the end, compare, and start over."""
    if start(folder, targets).wait():
        sys.exit(f"FAILED: `make resume` did not end well:\n{(folder / 'log.txt').read_text()[-4000:]}")
    compare(folder, expected)


def compare(folder: Path, expected: dict) -> None:
    """Refuse results that differ from those of the undisturbed run; take them away otherwise."""
    different = differences(results(folder), expected)
    if different:
        sys.exit(f"FAILED: {len(different)} results differ from those of the undisturbed run: {different[:10]}")
    shutil.rmtree(folder / "results")
    shutil.rmtree(folder / ".snakemake")


def campaign(folder: Path, targets: str, kills: int, seed: int, minutes: float) -> tuple[list, int, float]:
    """Kill and go on; give a row per kill, how many runs were compared, and the time of the undisturbed run."""
    rng, rows, compared = random.Random(seed), [], 0
    make_house(folder)
    begun = time.perf_counter()
    if start(folder, targets).wait():
        sys.exit(f"FAILED: the undisturbed run did not end well:\n{(folder / 'log.txt').read_text()[-4000:]}")
    undisturbed = time.perf_counter() - begun
    expected = results(folder)
    compare(folder, expected)
    print("\t".join(COLUMNS), file=sys.stderr, flush=True)
    end = begun + 60 * minutes - 2 * undisturbed  # what is left must do for going on to the end
    while len(rows) < kills and time.perf_counter() < end:
        run, began = start(folder, targets), time.perf_counter()
        victim, in_training = VICTIMS[len(rows) // 3 % 3], len(rows) % 3 == 0
        while in_training and run.poll() is None and not processes(folder)["training"]:
            time.sleep(0.1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(rng.uniform(0, 4 if in_training else undisturbed))
        if run.poll() is None:
            number, trained = kill(folder, victim, rng)
            if number:
                rows.append((len(rows) + 1, victim, number, trained, round(time.perf_counter() - began, 1)))
                print("\t".join(map(str, rows[-1])), file=sys.stderr, flush=True)
            if run.wait() == 0:  # the kill came too late, or hit nothing
                compare(folder, expected)
                compared += 1
        elif run.returncode == 0:
            compare(folder, expected)
            compared += 1
        else:
            sys.exit(f"FAILED: a run that was not killed failed:\n{(folder / 'log.txt').read_text()[-4000:]}")
    finish(folder, targets, expected)
    return rows, compared + 1, undisturbed


def main():
    """Run the campaign and say what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--targets", default=TARGETS, help="what is made, for Snakemake")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=45, help="after which no further kill is begun")
    parser.add_argument("--table", type=Path, help="write a row per kill there")
    given = parser.parse_args()
    begun = time.perf_counter()
    folder = given.folder.resolve()
    folder.mkdir(parents=True)
    rows, compared, undisturbed = campaign(folder, given.targets, given.kills, given.seed, given.minutes)
    if given.table:
        lines = [COLUMNS, *rows]
        given.table.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
    victims = ", ".join(f"{count} of {victim}" for victim, count in Counter(row[1] for row in rows).items())
    print(
        f"{len(rows)} kills ({victims}), {sum(row[3] for row in rows)} of them inside training, in "
        f"{(time.perf_counter() - begun) / 60:.1f} min; undisturbed run {undisturbed:.0f} s; {compared} runs went on to the "
        "end, each with the bytes of the undisturbed one"
    )


if __name__ == "__main__":
    main()
