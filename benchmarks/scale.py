"""Grow a synthetic cohort and time how the workflow plans it: jobs, seconds and memory of a dry run.

    .venv/bin/python benchmarks/scale.py FOLDER [--subjects 10 100 1000] [--scans-per-job 1 50] [--table TSV] [--figure PNG]
    .venv/bin/python benchmarks/scale.py FOLDER --subjects 10 --scans-per-job 1 10 --run

Every subject has two sessions with T1w, STIR, normal marrow and one reader's cleaned mask. The files have zero bytes, as a dry
run opens none; with --run they are small simulated scans, and the workflow is run as well. FOLDER gets the studies and
their results; nothing in it is deleted.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow_scripts"))

PARTS = {"t1w": "T1W", "stir": "STIR", "normal_marrow": "marrow"}
CONFIG = """title: "synthetic cohort of {subjects} subjects"
data: data
readers: [R1]
ensemble: {{threads: 1, members: [member_1.safetensors, member_2.safetensors]}}
"""


def make_cohort(folder: Path, subjects: int, real: bool = False) -> Path:
    """Write the study of a cohort, with files of zero bytes or small scans; give its folder."""
    study, data = folder / f"cohort-{subjects}", folder / f"cohort-{subjects}" / "data"
    data.mkdir(parents=True, exist_ok=True)
    scans = [(f"s{n:04d}", session) for n in range(1, subjects + 1) for session in ("pre", "post")]
    rows, readings = [], []
    for subject, session in scans:
        scan = f"{subject}_{session}"
        files = [f"{scan}_{part}.nii.gz" for part in PARTS.values()]
        rows.append([scan, subject, session, *files, "apply"])
        readings.append([scan, "R1", "1", "semiautomatic", f"{scan}_cleaned.nii.gz"])
    write(study / "scans.tsv", ["scan", "subject", "session", *PARTS, "role"], rows)
    write(study / "readings.tsv", ["scan", "reader", "trial", "method", "mask"], readings)
    (study / "config.yaml").write_text(CONFIG.format(subjects=subjects).replace("data: data", f"data: {data}"))
    names = [name for row in rows for name in row[3:6]] + [row[4] for row in readings]
    if real:
        make_scans(data, [scan for scan, *_ in rows])
    else:
        for name in [*names, "member_1.safetensors", "member_2.safetensors"]:
            (data / name).touch()
    return study


def write(path: Path, header: list, rows: list):
    """Write a tab-separated table."""
    path.write_text("".join("\t".join(row) + "\n" for row in [header, *rows]))


def make_scans(data: Path, scans: list):
    """Small scans with a lesion, the mask of a reader who keeps it, and two small networks, from one seed."""
    import nibabel as nib
    import numpy as np
    import torch

    from vhi.region.members import write_member
    from vhi.region.unet import UNet

    rng, shape = np.random.default_rng(1), (48, 48, 6)
    affine = np.diag([-0.6, 3.3, 0.6, 1])[:, [0, 2, 1, 3]]

    def save(name, array):
        nib.save(nib.Nifti1Image(array.astype(np.int16), affine), data / name)

    lesion, marrow = np.zeros(shape), np.zeros(shape)
    lesion[12:18, 10:20, 2:4], marrow[20:24, 30:40, 1:5] = 1, 1
    for scan in scans:
        save(f"{scan}_T1W.nii.gz", rng.integers(100, 900, shape))
        save(f"{scan}_STIR.nii.gz", rng.integers(80, 140, shape) + 120 * lesion)
        save(f"{scan}_marrow.nii.gz", marrow)
        save(f"{scan}_cleaned.nii.gz", np.zeros(shape))  # a reader who removes everything
    for seed in (1, 2):
        torch.manual_seed(seed)
        unet = UNet(levels=2, filters=4)
        torch.nn.init.constant_(list(unet.parameters())[-1], seed)  # bone everywhere, whatever the input
        write_member(data / f"member_{seed}.safetensors", unet)


def snakemake(folder: Path, study: Path, *arguments: str) -> tuple[float, float, float, str]:
    """Run Snakemake on a study; give seconds, seconds of processor, the peak of its memory in MB and what it said."""
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder, "-c2", *arguments]
    start = time.perf_counter()
    with Popen([*map(str, command), "--config", f"study={study}"], stdout=PIPE, stderr=STDOUT, text=True) as process:
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(said[-4000:])
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def measure(folder: Path, subjects: int, scans_per_job: int, run: bool) -> dict:
    """One row of the table of growth."""
    study = make_cohort(folder, subjects, real=run)
    with (study / "config.yaml").open("a") as config:
        config.write(f"scans_per_job: {scans_per_job}\n")
    seconds, processor, megabytes, said = snakemake(folder, study, "--dry-run", "--quiet", "rules")
    jobs = int(re.search(r"^total +(\d+)", said, re.M)[1])
    row = {
        "subjects": subjects,
        "scans": 2 * subjects,
        "scans_per_job": scans_per_job,
        "jobs": jobs,
        "dry_run_s": round(seconds, 1),
        "dry_run_processor_s": round(processor, 1),
        "dry_run_processor_ms_per_scan": round(1000 * processor / (2 * subjects), 1),
        "dry_run_peak_MB": round(megabytes),
    }
    if run:
        results = folder / "results" / study.name
        if results.exists():
            sys.exit(f"{results} exists: measure a run in an empty folder")
        seconds, processor, _, _ = snakemake(folder, study, "--quiet", "rules")
        results.rename(results.with_name(f"{study.name}-{scans_per_job}-per-job"))
        row |= {"run_s": round(seconds, 1), "run_processor_s": round(processor, 1)}
    return row


def draw(rows: list, path: Path):
    """Seconds, memory and jobs over the number of scans."""
    import matplotlib.ticker

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import pandas as pd

    table = pd.DataFrame(rows)
    columns = {"dry_run_processor_s": "dry run, s of processor", "dry_run_peak_MB": "peak memory, MB", "jobs": "jobs"}
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    for ax, (column, label) in zip(axes, columns.items(), strict=True):
        for per_job, part in table.groupby("scans_per_job"):
            word = "scan" if per_job == 1 else "scans"
            ax.plot(part["scans"], part[column], "o-", ms=4, label=f"{per_job} {word} per job")
        ax.set(xscale="log", yscale="log", xlabel="scans", ylabel=label)
        ax.set_xticks(sorted(set(table["scans"])))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter("{x:,.0f}")
            axis.set_minor_formatter("")
        ax.spines[["top", "right"]].set_visible(False)
    for ax in axes[:2]:
        ax.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
    for goal, style in ((60, "--"), (15, ":")):
        axes[0].axhline(goal, color="0.6", lw=0.8, ls=style)
    axes[2].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


def main():
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--subjects", type=int, nargs="+", default=[10, 30, 100, 300, 1000])
    parser.add_argument("--scans-per-job", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--run", action="store_true", help="small scans, and run the workflow on them")
    parser.add_argument("--table", type=Path, help="write the table there")
    parser.add_argument("--figure", type=Path, help="write a plot there")
    given = parser.parse_args()
    rows = []
    for subjects in given.subjects:
        for per_job in given.scans_per_job:
            rows.append(measure(given.folder.resolve(), subjects, per_job, given.run))
            if len(rows) == 1:
                print("\t".join(rows[0]), flush=True)
            print("\t".join(map(str, rows[-1].values())), flush=True)
    if given.table:
        write(given.table, list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    if given.figure:
        draw(rows, given.figure)


if __name__ == "__main__":
    main()
