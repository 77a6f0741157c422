"""Does the interval of a V_HI hold? Simulated subjects, each scanned and read twenty times without change.

    python benchmarks/error_of_vhi.py FOLDER train            three ensembles, each trained on eight subjects of its own
    python benchmarks/error_of_vhi.py FOLDER measure          every repeat by every rule (resumable)
    python benchmarks/error_of_vhi.py FOLDER constants        factors for vhi/uncertainty/intervals.py
    python benchmarks/error_of_vhi.py FOLDER judge            coverage, interval scores, false positives and power, from the others

Everything here is simulated. The target of an interval is the geometric mean of V_HI + 1 over independent repeats of one
subject, state and rule: new position, coils, noise, patch, network and reader.
"""

import argparse
import dataclasses
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.inflammation import drop_small_regions, threshold
from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule, find_limits
from vhi.region.ensemble import average, predict
from vhi.region.members import read_ensemble, write_member
from vhi.region.protocols import FAST
from vhi.region.slices import Slices
from vhi.region.training import Trainer
from vhi.simulation.opinions import two_readers
from vhi.simulation.readers import clean
from vhi.simulation.scan import draw_subject, generator, redraw_patch, scan_name, simulate
from vhi.uncertainty.alternatives import Cleaned, cropped, sd_log_patch, sd_log_region, several
from vhi.uncertainty.intervals import SCALES
from vhi.uncertainty.patch import patch_spread, voxel_places

SEED, MATRIX, SPACING = 31, (128, 128, 15), (82.5 / 15, 200 / 128, 200 / 128)
CALIBRATION, JUDGED, REPEATS, REDRAWN = 60, 200, 20, 4
SMALL = {"minimum_pixels": 4, "connectivity": 8}


def by_paper(stir, patch, region):
    """Limits by the paper's rule."""
    found = find_limits(stir[patch], LimitRule())
    return found.lower, found.upper


RULES = {"paper": by_paper}
LOWER = {"paper": lambda intensities: find_limits(intensities, LimitRule()).lower}
PATCHED = ("paper",)


def shown(volume: np.ndarray) -> np.ndarray:
    """Stored (i, j, k) to (slices, rows, columns), as networks and regions want it: superior at the top."""
    return np.ascontiguousarray(volume.transpose(2, 1, 0)[:, ::-1])


def stored(volume: np.ndarray) -> np.ndarray:
    """Undo `shown`."""
    return volume[:, ::-1].transpose(2, 1, 0)


def train(folder: Path) -> None:
    """Train three ensembles of two networks."""
    for ensemble in range(3):
        scans = [simulate(draw_subject(f"net{ensemble}{n}", SEED), "pre", SEED, MATRIX) for n in range(8)]
        slices = Slices([shown(scan.t1w) for scan in scans], [shown(scan.disease_region) for scan in scans], 1)
        for member in range(2):
            path = folder / f"ensemble{ensemble}" / f"member{member}.safetensors"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                trainer = Trainer(slices, dataclasses.replace(FAST, steps=800, seed=100 * ensemble + member, threads=1))
                for row in trainer.run():
                    print(path, row, flush=True)
                write_member(path, trainer.kept)


def patches(folder: Path, first: int, count: int) -> pd.DataFrame:
    """Limits of patches drawn again on the same scan, and what the first patch said of them."""
    rows = []
    for number in range(first, first + count):
        subject = draw_subject(f"err{number:04d}", SEED)
        scan = simulate(subject, "pre", SEED, MATRIX)
        stir, region = shown(scan.stir).astype(float), shown(scan.disease_region)
        drawn = shown(scan.normal_marrow)
        for rule in PATCHED:
            try:
                limit = RULES[rule](stir, drawn, region)[0]
                spread = patch_spread(stir[drawn], voxel_places(drawn, SPACING), LOWER[rule])
            except InputError:
                continue
            for again in range(12 if spread else 0):
                patch = shown(redraw_patch(scan, generator(SEED, subject.name, f"redrawn {again}")))
                try:
                    other = RULES[rule](stir, patch, region)[0]
                except InputError:
                    continue
                d = np.log(other / limit)
                rows.append((subject.name, rule, again, limit, d, spread.blocks, spread.tail, int(drawn.sum())))
    columns = ["subject", "rule", "again", "lower", "log_ratio", "blocks", "tail", "voxels"]
    return pd.DataFrame(rows, columns=columns)


def measure_subject(folder: Path, number: int) -> None:
    """Scan and read one subject `REPEATS` times; one file per subject."""
    path = folder / "subjects" / f"err{number:04d}.tsv"
    if path.exists():
        return
    torch.set_num_threads(1)
    ensembles = [read_ensemble(sorted((folder / f"ensemble{n}").iterdir())) for n in range(3)]
    name, session = f"err{number:04d}", ("pre", "post")[number % 2]
    subject = draw_subject(name, SEED)
    rows = []
    for repeat in range(1, REPEATS + 1):
        scan = simulate(subject, session, SEED, MATRIX, repeat=repeat)
        probability = average(predict(ensembles[repeat % 3], shown(scan.t1w), threads=1))
        about = {"subject": name, "session": session, "repeat": repeat, "true": int(scan.truth.inflammation.sum())}
        rows += [about | row for row in readings(scan, probability, scan_name(name, session, repeat), repeat)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path.with_suffix(".part"), sep="\t", index=False)
    path.with_suffix(".part").rename(path)


def readings(scan, probability, name, repeat) -> list[dict]:
    """Read one scan by every rule: a reader of this repeat alone, and the study's two with the parts of their error."""
    stir, patch, region = shown(scan.stir).astype(float), shown(scan.normal_marrow), probability > 0.5
    rows = []
    for rule, limits in RULES.items():
        try:
            lower, upper = limits(stir, patch, region)
        except InputError:
            continue
        labels = drop_small_regions(threshold(stir, region, lower, upper), **SMALL)
        new = dataclasses.replace(two_readers()[repeat % 2], name=f"N{repeat}")
        kept = [shown(clean(scan, stored(labels) > 0, reader, SEED, name)[0]) for reader in (*two_readers(), new)]
        everywhere = several(kept, labels, region, probability > 0.2)
        cut_stir, cut_labels, cut_region, cut_probability, one, two = cropped(
            everywhere, stir, labels, region, probability, *kept[:2]
        )
        read = Cleaned(cut_stir, cut_labels, [one, two], lower, upper, "lower", SMALL)
        spread = patch_spread(stir[patch], voxel_places(patch, SPACING), LOWER[rule]) if rule in PATCHED else None
        sd_limit = spread.sd_log(SCALES[rule].of_blocks, SCALES[rule].of_tail) if spread else np.nan
        by_patch = sd_log_patch(read, cut_region, sd_limit) if spread else [np.nan, np.nan]
        by_region = sd_log_region(read, cut_probability)
        voxels = {"new": int(kept[2].sum()), "R1": int(kept[0].sum()), "R2": int(kept[1].sum())}
        rows.append(
            {"rule": rule, "lower": lower, "preliminary": int((labels > 0).sum()), **voxels, "sd_limit": sd_limit}
            | {f"patch_{reader}": value for reader, value in zip(("R1", "R2"), by_patch, strict=True)}
            | {f"region_{reader}": value for reader, value in zip(("R1", "R2"), by_region, strict=True)}
        )
    return rows


def measure(folder: Path, count: int, workers: int) -> None:
    """Measure subjects that are not there yet; the first `CALIBRATION` never judge."""
    with ProcessPoolExecutor(workers) as pool:
        for number, _ in enumerate(pool.map(measure_subject, [folder] * count, range(count)), 1):
            print(f"{number} of {count} subjects", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("task", choices=["train", "patches", "measure", "constants", "judge"])
    parser.add_argument("--subjects", type=int, default=CALIBRATION + JUDGED)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if asked.task == "train":
        train(asked.folder)
    elif asked.task == "patches":
        for part, first in (("calibration", 0), ("judged", CALIBRATION)):
            patches(asked.folder, first, min(asked.subjects, 60)).to_csv(
                asked.folder / f"patches_{part}.tsv", sep="\t", index=False
            )
    elif asked.task == "measure":
        measure(asked.folder, asked.subjects, asked.workers)
