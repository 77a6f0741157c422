"""Does the interval of a V_HI hold? Simulated subjects, each scanned and read twenty times without change.

    python benchmarks/error_of_vhi.py FOLDER train            three ensembles, each trained on eight subjects of its own
    python benchmarks/error_of_vhi.py FOLDER sources          patches drawn again, and regions of each ensemble
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
from vhi.marrow.limits import LimitRule, Limits, find_limits
from vhi.marrow.mode import inner_region
from vhi.region.ensemble import average, predict
from vhi.region.members import read_ensemble, write_member
from vhi.region.protocols import FAST
from vhi.region.slices import Slices
from vhi.region.training import Trainer
from vhi.simulation.opinions import two_readers
from vhi.simulation.readers import clean
from vhi.simulation.scan import draw_subject, generator, redraw_patch, scan_name, simulate
from vhi.uncertainty.alternatives import PROBABILITIES, Cleaned, cropped, sd_log_patch, sd_log_region, several
from vhi.uncertainty.change import change_with_error
from vhi.uncertainty.components import fit_variance, reader_pairs, scan_pairs
from vhi.uncertainty.intervals import SCALES, combined
from vhi.uncertainty.patch import patch_spread, voxel_places

SEED, MATRIX, SPACING = 31, (128, 128, 15), (82.5 / 15, 200 / 128, 200 / 128)
CALIBRATION, JUDGED, REPEATS, REDRAWN = 60, 205, 20, 4
SMALL = {"minimum_pixels": 4, "connectivity": 8}


RULES = {name: LimitRule(rule=name) for name in ("paper", "patch_tail", "disease_region")}
PATCHED = ("paper", "patch_tail")


def limits_of(rule: str, stir: np.ndarray, patch: np.ndarray, region: np.ndarray) -> Limits:
    """Limits of a scan by a rule."""
    return find_limits(stir[patch if rule in PATCHED else inner_region(region)], RULES[rule])


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


def patches(first: int, count: int) -> pd.DataFrame:
    """Limits of patches drawn again on the same scan, and what the first patch said of them."""
    rows = []
    for number in range(first, first + count):
        subject = draw_subject(f"err{number:04d}", SEED)
        scan = simulate(subject, "pre", SEED, MATRIX)
        stir, region = shown(scan.stir).astype(float), shown(scan.disease_region)
        drawn = shown(scan.normal_marrow)
        for rule in PATCHED:
            try:
                limit = limits_of(rule, stir, drawn, region).lower
                spread = patch_spread(stir[drawn], voxel_places(drawn, SPACING), RULES[rule])
            except InputError:
                continue
            for again in range(12 if spread else 0):
                patch = shown(redraw_patch(scan, generator(SEED, subject.name, f"redrawn {again}")))
                try:
                    other = limits_of(rule, stir, patch, region).lower
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
    for rule in RULES:
        try:
            found = limits_of(rule, stir, patch, region)
        except InputError:
            continue
        lower, upper = found.lower, found.upper
        labels = drop_small_regions(threshold(stir, region, lower, upper), **SMALL)
        new = dataclasses.replace(two_readers()[repeat % 2], name=f"N{repeat}")
        kept = [shown(clean(scan, stored(labels) > 0, reader, SEED, name)[0]) for reader in (*two_readers(), new)]
        everywhere = several(kept, labels, region, probability > PROBABILITIES[0])
        cut_stir, cut_labels, cut_region, cut_probability, one, two = cropped(
            everywhere, stir, labels, region, probability, *kept[:2]
        )
        read = Cleaned(cut_stir, cut_labels, [one, two], lower, upper, "lower", SMALL)
        spread = patch_spread(stir[patch], voxel_places(patch, SPACING), RULES[rule]) if rule in PATCHED else None
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


def regions(folder: Path, count: int) -> pd.DataFrame:
    """V_HI of one scan and reader in the regions of the three ensembles, beside the spread that one of them foretells."""
    ensembles = [read_ensemble(sorted((folder / f"ensemble{n}").iterdir())) for n in range(3)]
    rows = []
    for number in range(count):
        name = f"err{number:04d}"
        scan = simulate(draw_subject(name, SEED), ("pre", "post")[number % 2], SEED, MATRIX)
        for n, ensemble in enumerate(ensembles):
            probability = average(predict(ensemble, shown(scan.t1w), threads=1))
            found = readings(scan, probability, scan_name(name, ("pre", "post")[number % 2]), 1)
            rows += [{"subject": name, "ensemble": n, **row} for row in found]
    return pd.DataFrame(rows)


def constants(folder: Path) -> None:
    """Print the factors of `vhi.uncertainty.intervals.SCALES`."""
    redrawn = pd.read_csv(folder / "patches_calibration.tsv", sep="\t")
    for rule, table in redrawn.groupby("rule"):
        grid = [(_patch_score(table, a, b), a, b) for a in np.arange(0, 1.55, 0.05) for b in np.arange(0, 1.05, 0.05)]
        print(f"{rule}: of_blocks {min(grid)[1]:.2f}, of_tail {min(grid)[2]:.2f}")
    table = pd.read_csv(folder / "regions.tsv", sep="\t")
    for rule, of in table.groupby("rule"):
        true = np.log1p(of["R1"]).groupby(of["subject"]).var(ddof=1).mean()
        raw = (of["region_R1"] ** 2).groupby(of["subject"]).mean().mean()
        print(f"{rule}: of_region {np.sqrt(true / raw):.2f}")
    for rule, table in repeats(folder, range(CALIBRATION)).groupby("rule"):
        error = with_parts(table, components(table), rule)
        z = (error["log"] - error["target"]).abs() / error["sd_log"]
        people = error["subject"].nunique()
        level = np.ceil((people + 1) * 0.9) / people  # of n subjects, so that a further one is held in 90 % of draws
        print(f"{rule}: widening {_by_subject(z.to_numpy(), error['subject'], level) / 1.645:.3f}")


def _patch_score(table: pd.DataFrame, of_blocks: float, of_tail: float) -> float:
    """Mean 95 % interval score of the logarithm of a redrawn patch's limit."""
    width = _patch_width(table, of_blocks, of_tail)
    return float((2 * width + 40 * (table["log_ratio"].abs() - width).clip(lower=0)).mean())


def _patch_width(table: pd.DataFrame, of_blocks: float, of_tail: float) -> pd.Series:
    """Half the width of the 95 % interval of one patch's limit for another's, both drawn anew."""
    return 1.96 * np.sqrt(2) * np.hypot(of_blocks * table["blocks"], of_tail * table["tail"])


def _by_subject(z: np.ndarray, subjects: pd.Series, level: float) -> float:
    """Quantile over readings in which each subject weighs the same."""
    weight = 1 / subjects.map(subjects.value_counts()).to_numpy()
    order = np.argsort(z)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(z[order][np.searchsorted(reached, level)])


def repeats(folder: Path, numbers: range) -> pd.DataFrame:
    """All readings of these subjects, with the target of each subject and rule."""
    paths = [folder / "subjects" / f"err{number:04d}.tsv" for number in numbers]
    table = pd.concat(pd.read_csv(path, sep="\t") for path in paths if path.exists())
    logs = np.log1p(table["new"])
    target = logs.groupby([table["subject"], table["rule"]]).transform("mean")
    return table.assign(target=target, log_true=np.log1p(table["true"]))


def components(table: pd.DataFrame) -> dict:
    """Variances of readers and of scans, as a study estimates them from two readers and two scans of each subject."""
    one = table[table["repeat"] == 1]
    long = [one.assign(scan=one["subject"], reader=r, trial="1", vhi_voxels=one[r]) for r in ("R1", "R2")]
    pairs = reader_pairs(pd.concat(long))
    two = table[table["repeat"] <= 2].assign(trial="1")
    again = [
        two.assign(reader=r, vhi_voxels=two[r], sd_log_patch=two[f"patch_{r}"], sd_log_region=two[f"region_{r}"])
        for r in ("R1", "R2")
    ]
    again = scan_pairs(pd.concat(again).drop(columns=["sd_limit"]))
    return {
        "reader": fit_variance(pairs["square"], pairs["voxels"]),
        "scan": fit_variance(again["square"], again["voxels"], known=again["known"]),
    }


def with_parts(table: pd.DataFrame, found: dict, rule: str) -> pd.DataFrame:
    """Every repeat's reading by R1 and by R2 with the parts of its error, as the workflow gives them."""
    parts = []
    for reader in ("R1", "R2"):
        read = table.assign(reader=reader, vhi_voxels=table[reader], voxel_mm3=1.0)
        read["sd_log_patch"] = read[f"patch_{reader}"].fillna(0) if rule not in PATCHED else read[f"patch_{reader}"]
        read["sd_log_region"] = SCALES[rule].of_region * read[f"region_{reader}"]
        for source in ("reader", "scan"):
            read[f"sd_log_{source}"] = np.sqrt(found[source].at(read["vhi_voxels"]))
        parts.append(combined(read, rule).assign(log=np.log1p(read["vhi_voxels"])))
    return pd.concat(parts, ignore_index=True)


def clustered(values: pd.Series, subjects: pd.Series, draws: int = 4000) -> tuple[float, float, float]:
    """Mean in which each subject weighs the same, with a 95 % bootstrap interval over subjects."""
    means = values.astype(float).groupby(subjects).mean().to_numpy()
    drawn = np.random.default_rng(1).choice(means, (draws, len(means))).mean(axis=1)
    return float(means.mean()), *np.quantile(drawn, [0.025, 0.975])


def judge(folder: Path) -> pd.DataFrame:
    """Judge the intervals on subjects that fixed nothing."""
    rows = []
    calibration, judged = repeats(folder, range(CALIBRATION)), repeats(folder, range(CALIBRATION, CALIBRATION + JUDGED))
    for rule, table in judged.groupby("rule", sort=False):
        known = calibration[calibration["rule"] == rule]
        found = components(known)
        error = with_parts(table, found, rule)
        low, high = np.log1p(error["low_voxels"]), np.log1p(error["high_voxels"])
        held = (low <= error["target"] + 1e-9) & (error["target"] <= high + 1e-9)

        def add(what, numbers, rule=rule):
            rows.append((rule, what, *(numbers if isinstance(numbers, tuple) else (numbers, np.nan, np.nan))))

        add("subjects", table["subject"].nunique())
        add("coverage of 90 % intervals", clustered(100 * held, error["subject"]))
        third = pd.qcut(error["target"].rank(method="first"), 3, labels=["lowest", "middle", "highest"])
        for name in ("lowest", "middle", "highest"):
            add(
                f"coverage, {name} third of V_HI", clustered(100 * held[third == name], error["subject"][third == name])
            )
        fixed = with_parts(known, found, rule)
        residual = (fixed["log"] - fixed["target"]).abs()
        q = _by_subject(residual.to_numpy(), fixed["subject"], 0.9)
        ours = _interval_score(low, high, error["target"])
        constant = _interval_score(np.maximum(error["log"] - q, 0), error["log"] + q, error["target"])
        add("mean interval score", clustered(ours, error["subject"]))
        add("the same, constant-width conformal", clustered(constant, error["subject"]))
        add("ratio of the scores", _ratio(ours, constant, error["subject"]))
        add("log(V_HI + 1) minus log(truth + 1)", clustered(table["target"] - table["log_true"], table["subject"]))
        for what, numbers in changes(error, rule).items():
            add(what, numbers)
    redrawn = pd.read_csv(folder / "patches_judged.tsv", sep="\t")
    for rule, table in redrawn.groupby("rule"):
        held = table["log_ratio"].abs() <= _patch_width(table, SCALES[rule].of_blocks, SCALES[rule].of_tail)
        rows.append((rule, "95 % intervals of a redrawn limit", *clustered(100 * held, table["subject"])))
    return pd.DataFrame(rows, columns=["rule", "what", "value", "ci_low", "ci_high"])


def _interval_score(low: pd.Series, high: pd.Series, target: pd.Series) -> pd.Series:
    """Score of 90 % intervals (Gneiting and Raftery, JASA 2007; 102: 359-378)."""
    return high - low + 20 * ((low - target).clip(lower=0) + (target - high).clip(lower=0))


def _ratio(one: pd.Series, other: pd.Series, subjects: pd.Series) -> tuple[float, float, float]:
    a, b = (values.groupby(subjects).mean().to_numpy() for values in (one, other))
    drawn = np.random.default_rng(1).integers(0, len(a), (4000, len(a)))
    ratios = a[drawn].mean(axis=1) / b[drawn].mean(axis=1)
    return float(a.mean() / b.mean()), *np.quantile(ratios, [0.025, 0.975])


def changes(error: pd.DataFrame, rule: str) -> dict:
    """Flags of pairs without change, and power where the second V_HI is halved, beside fixed thresholds of equal false positives."""
    pairs = error.assign(pair=(error["repeat"] - 1) // 2, session=np.where(error["repeat"] % 2, "pre", "post"))
    pairs = pairs.assign(person=pairs["subject"], subject=pairs["subject"] + "-" + pairs["pair"].astype(str))
    halved = pairs["vhi_voxels"].where(pairs["session"] == "pre", np.round(pairs["vhi_voxels"] / 2))
    still, fallen = (
        change_with_error(pairs.assign(vhi_voxels=voxels), rule) for voxels in (pairs["vhi_voxels"], halved)
    )
    person = still["subject"].str.split("-").str[0]
    flagged = still["flag"] != "no"
    report = {"pairs without change": len(still), "flagged at 5 %, %": clustered(100 * flagged, person)}
    ours = fallen["flag"] == "decrease"
    report["power for a fall to half, %"] = clustered(100 * ours, person)
    for name, of in (
        ("raw SDC", lambda t: t["post_voxels"] - t["pre_voxels"]),
        ("SDC on the logarithm", lambda t: np.log(t["ratio"])),
    ):
        # Equal false positives: as many of the pairs without change lie beyond the threshold as we flag.
        limit = np.quantile(of(still).abs(), 1 - flagged.mean())
        theirs = of(fallen) < -limit
        report[f"power by the {name}, %"] = clustered(100 * theirs, person)
        report[f"power beyond the {name}, points"] = clustered(
            100 * (ours.astype(float) - theirs.astype(float)), person
        )
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("task", choices=["train", "sources", "measure", "constants", "judge"])
    parser.add_argument("--subjects", type=int, default=CALIBRATION + JUDGED)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if asked.task == "train":
        train(asked.folder)
    elif asked.task == "sources":
        for part, first in (("calibration", 0), ("judged", CALIBRATION)):
            found = patches(first, min(asked.subjects, 60))
            found.to_csv(asked.folder / f"patches_{part}.tsv", sep="\t", index=False)
        regions(asked.folder, min(asked.subjects, 60)).to_csv(asked.folder / "regions.tsv", sep="\t", index=False)
    elif asked.task == "measure":
        measure(asked.folder, asked.subjects, asked.workers)
    elif asked.task == "constants":
        constants(asked.folder)
    else:
        found = judge(asked.folder)
        found.to_csv(asked.folder / "judged.tsv", sep="\t", index=False)
        print(found.to_string(index=False, float_format="{:.2f}".format))
