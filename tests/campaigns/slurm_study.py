"""A study on a real Slurm, with three accidents: it ends complete, with the bytes of a local run.

    tests/campaigns/slurm.sh start && .venv/bin/python tests/campaigns/slurm_study.py FOLDER [demo]     (or make test-slurm)

The accidents: a job that is killed because its memory does not suffice, a job that is cancelled by hand, and the node set
down and up again while a job runs. The study is a small one, up to the cleaned masks, or the whole demo.
"""

import argparse
import csv
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow_scripts"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from small_study import SmallStudy

ROOT = Path(__file__).parents[2]
TARGETS = ["3b_disease_region/ensemble/b1.nii.gz", "6_cleaning/R1/1/a1.nii.gz", "6_cleaning/R2/1/a1.nii.gz"]
TARGETS += [f"5_small_regions/{scan}{end}" for scan in ("a1", "a2") for end in (".nii.gz", "_stability.tsv")]
TELLS_TIME = ("progress.tsv", "test_log.tsv")  # results that hold seconds or dates
NEEDS_MEMORY = {"small": "segment_disease_region", "demo": "segment_disease_region_batch_1"}
SLURM = ["--profile", ROOT / "profiles" / "slurm", "--jobs", 4, "--latency-wait", 15,
         "--slurm-init-seconds-before-status-checks", 2]  # fmt: skip


def command(folder, study, *arguments):
    targets = [] if study == "demo" else [f"results/small/{target}" for target in TARGETS]
    words = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder, *targets, *arguments]
    return [*map(str, words), "--config", f"study={study}"]


def jobs():
    """Slurm's jobs: (number, state, rule)."""
    lines = subprocess.check_output(["squeue", "-h", "-o", "%i|%T|%k"], text=True).splitlines()
    return [tuple(line.split("|", 2)) for line in lines]


def set_node_down_and_up():
    node = ["scontrol", "update", f"nodename={socket.gethostname().split('.')[0]}"]
    subprocess.run([*node, "state=down", "reason=test"], check=True)
    time.sleep(3)
    subprocess.run([*node, "state=resume"], stderr=subprocess.DEVNULL)  # fails where the node is back by itself
    while not {"idle", "mix", "alloc"} & set(subprocess.check_output(["sinfo", "-h", "-o", "%t"], text=True).split()):
        time.sleep(0.5)


def disturb(process, say=print):
    """Cancel one running job and, later, set the node down under another one; give what was done."""
    done, hit = [], set()
    while process.poll() is None:
        running = [job for job in jobs() if job[1] == "RUNNING" and job[0] not in hit]
        if running and len(done) < 2 and "segment" not in running[0][2]:
            number, _, rule = running[0]
            hit.add(number)
            if not done:
                subprocess.run(["scancel", number], check=True)
                done.append(f"cancelled job {number} ({rule})")
            else:
                set_node_down_and_up()
                done.append(f"set the node down under job {number} ({rule}), and up again")
            say(f"== {done[-1]}", flush=True)
        time.sleep(0.5)
    return done


def results(folder, name):
    """What a run has made: the bytes of the targets, or the checksum of every output of the demo."""
    top = folder / "results" / name
    if name == "small":
        return {target: (top / target).read_bytes() for target in TARGETS}
    with (top / "manifest.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["role"] == "output"]
    return {row["path"]: row["sha256"] for row in rows if not row["path"].endswith(TELLS_TIME)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="must not exist, so that nothing is left over from another time")
    parser.add_argument("study", nargs="?", choices=("small", "demo"), default="small")
    given = parser.parse_args()
    base, name, needs_memory = given.folder.resolve(), given.study, NEEDS_MEMORY[given.study]
    base.mkdir(parents=True)
    study = SmallStudy(base / "small", ensemble=True).folder if name == "small" else name
    started = time.perf_counter()
    for folder in (base / "local", base / "slurm"):
        folder.mkdir()
    subprocess.run(command(base / "local", study, "-c2", "-q", "all"), check=True)
    between = time.perf_counter()
    log = base / "slurm.log"
    less_than_python_takes = ["--set-resources", f"{needs_memory}:mem_mb=60 if attempt == 1 else 2000"]
    with log.open("w") as file:
        process = subprocess.Popen(
            command(base / "slurm", study, *SLURM, *less_than_python_takes),
            stdout=file,
            stderr=subprocess.STDOUT,
            env=dict(os.environ),
        )
        try:
            done = disturb(process)
        finally:
            if process.poll() is None:
                process.kill()
    said = log.read_text()
    if process.returncode:
        sys.exit(f"{said[-5000:]}\nFAILED: the run on Slurm did not end well; see {log}")
    assert len(done) == 2, f"expected two disturbances, made {done}"
    killed = said.count(f"Error in rule {needs_memory}")
    assert killed == 1, f"expected one job killed for its memory, found {killed}; see {log}"
    local, slurm = results(base / "local", name), results(base / "slurm", name)
    different = sorted(path for path in local.keys() | slurm.keys() if local.get(path) != slurm.get(path))
    assert not different, f"{len(different)} results differ from those of the local run: {different[:10]}"
    print(f"local run {between - started:.0f} s; on Slurm, with a job killed for memory, {' and '.join(done)}: "
          f"{time.perf_counter() - between:.0f} s; {len(local)} results have the bytes of the local run")  # fmt: skip


if __name__ == "__main__":
    main()
