"""A small study on a real Slurm, with three accidents: it ends complete, with the bytes of a local run.

    tests/campaigns/slurm.sh start && .venv/bin/python tests/campaigns/slurm_study.py FOLDER     (or make test-slurm)

The accidents: a job that is killed because its memory does not suffice, a job that is cancelled by hand, and the node set
down and up again while a job runs.
"""

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
SLURM = [
    "--profile", ROOT / "profiles" / "slurm", "--jobs", 4, "--latency-wait", 15,
    "--slurm-init-seconds-before-status-checks", 2,
    "--set-resources", "segment_disease_region:mem_mb=60 if attempt == 1 else 2000",  # less than Python alone takes
]  # fmt: skip


def command(folder, study, *arguments):
    targets = [f"results/small/{target}" for target in TARGETS]
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


def results(folder):
    return {target: (folder / "results" / "small" / target).read_bytes() for target in TARGETS}


def main():
    base = Path(sys.argv[1]).resolve()
    base.mkdir(parents=True)  # an empty folder, so that nothing is left over from another time
    study = SmallStudy(base / "small", ensemble=True).folder
    started = time.perf_counter()
    for folder in (base / "local", base / "slurm"):
        folder.mkdir()
    subprocess.run(command(base / "local", study, "-c2", "-q", "all"), check=True)
    between = time.perf_counter()
    log = base / "slurm.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command(base / "slurm", study, *SLURM), stdout=file, stderr=subprocess.STDOUT, env=dict(os.environ)
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
    killed = said.count("Error in rule segment_disease_region")
    assert killed == 1, f"expected one job killed for its memory, found {killed}; see {log}"
    assert results(base / "slurm") == results(base / "local"), "the results differ from those of the local run"
    print(f"local run {between - started:.0f} s; on Slurm, with a job killed for memory, {' and '.join(done)}: "
          f"{time.perf_counter() - between:.0f} s; {len(TARGETS)} results have the bytes of the local run")  # fmt: skip


if __name__ == "__main__":
    main()
