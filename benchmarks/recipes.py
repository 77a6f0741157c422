"""Recipes for the networks, compared by cross-validation on the public training scans; nothing here looks at a test scan.

    python benchmarks/recipes.py FOLDER DATA train RECIPE     a network per fold (resumable), and what it makes of unseen subjects
    python benchmarks/recipes.py FOLDER DATA compare A B      paired differences of the Dice over subjects, by version of the scan
    python benchmarks/recipes.py FOLDER DATA parts RECIPE     Dice by the share below which parts of a region are dropped

`train` writes FOLDER/RECIPE/tried.tsv: Dice of each scan, as it is and in eight altered versions, by the network of the fold that
has not seen its subject; and by the same network after a few hundred steps, which fails on real scans. FOLDER/RECIPE/regions holds
the regions of the scans as they are.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow_scripts"))

from vhi.io.images import read_mask, read_scan, write_labels
from vhi.io.tables import read_table, write_table
from vhi.region.abnormal import abnormal_versions, try_networks
from vhi.region.ensemble import average, predict, rounded
from vhi.region.folds import make_folds
from vhi.region.members import read_member
from vhi.region.protocols import AVERAGED, setting_config
from vhi.region.training_files import train_to_files, trainer_of
from vhi.statistics.overlap import dice_per_slice
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]
SEED, WEAK = 2023, (350, 700, 1400)  # seed of the study's folds; steps after which a network is still weak
SHARES = (0, 0.0025, 0.005, 0.01, 0.02)  # of the largest part
VIEWS = {"flip": AVERAGED["mirrored"], "scales": AVERAGED["scales"]}
ROUNDING = {key: AVERAGED[key] for key in ("smoothing", "smallest_part")}


def annotated(data: str) -> dict[str, tuple]:
    """T1w and drawn region of each training scan, with its subject."""
    rows = load_study(ROOT, "paper", data=data).tables["scans"]
    chosen = [row for row in rows if row["role"] == "train" and row["disease_region"]]
    return {row["scan"]: (row["subject"], read_scan(row["t1w"]), read_mask(row["disease_region"])) for row in chosen}


def in_folds(scans: dict) -> dict[int, dict[str, list[str]]]:
    """Scans to train on and unseen ones (train, validation), by fold, as the study shares out its subjects."""
    folds = make_folds(sorted({subject for subject, *_ in scans.values()}), 4, SEED)
    parts = {fold: {"train": [], "validation": []} for fold in folds["fold"].unique()}
    for row in folds.itertuples():
        parts[row.fold][row.part] += [scan for scan, (subject, *_) in scans.items() if subject == row.subject]
    return parts


def segmented(network: list, t1w) -> np.ndarray:
    """Region by a network, averaged and rounded as this project predicts."""
    return rounded(average(predict(network, t1w.volume, threads=1, **VIEWS)), **ROUNDING)


def train(folder: Path, data: str, recipe: str) -> None:
    """Train a network for each fold, and try it on the subjects that it has not seen."""
    scans, rows = annotated(data), []
    for fold, parts in in_folds(scans).items():
        seen = [(t1w.volume, mask.volume) for _, t1w, mask in map(scans.get, parts["train"])]
        config = setting_config(recipe, ["full"], SEED, threads=1)
        here = folder / recipe / f"fold-{fold}"
        here.mkdir(parents=True, exist_ok=True)
        files = {steps: str(here / f"steps-{steps}.safetensors") for steps in (*WEAK, config.steps)}
        if not Path(files[config.steps]).exists():
            train_to_files(trainer_of(config, seen), files, here / "progress.tsv", f"{recipe}, fold {fold}")
        for scan in parts["validation"]:
            rows += tried(folder / recipe, files, scan, *scans[scan], config.steps)
            write_table(folder / recipe / "tried.tsv", pd.DataFrame(rows).assign(recipe=recipe))


def tried(folder: Path, files: dict, scan: str, subject: str, t1w, mask, full: int) -> list[dict]:
    """What a network makes of an unseen scan after each length; the altered versions at its full length alone."""
    rows = []
    for steps, path in files.items():
        network = [read_member(path)]
        versions = try_networks(network, t1w, mask, 0, VIEWS, ROUNDING, threads=1, altered=steps == full)
        rows += [
            {"scan": scan, "subject": subject, "steps": steps, "version": name, **of} for name, of in versions.items()
        ]
    (folder / "regions").mkdir(exist_ok=True)
    write_labels(folder / "regions" / f"{scan}.nii.gz", segmented(network, t1w), like=t1w)
    return rows


def compare(folder: Path, a: str, b: str) -> pd.DataFrame:
    """Mean Dice of two recipes by version, and their paired difference over subjects (95 %, t)."""
    both = pd.concat([read_table(folder / recipe / "tried.tsv") for recipe in (a, b)])
    both = both[both["steps"] == both.groupby("recipe")["steps"].transform("max")]
    of = both.groupby(["version", "subject", "recipe"], sort=False)["dice"].mean().unstack("recipe")
    rows = []
    for version, table in of.groupby("version", sort=False):
        difference = (table[b] - table[a]).dropna()
        half = stats.t.ppf(0.975, len(difference) - 1) * difference.sem()
        lowest = {f"lowest {recipe}": table[recipe].min() for recipe in (a, b)}
        means = table[[a, b]].mean().to_dict()
        middle = difference.mean()
        rows.append(
            {"version": version, **means, **lowest, "difference": middle, "low": middle - half, "high": middle + half}
        )
    return pd.DataFrame(rows)


def parts(folder: Path, data: str, recipe: str) -> pd.DataFrame:
    """Mean Dice of a recipe's trained networks on unseen scans, by version and by the smallest part that is kept."""
    scans, rows = annotated(data), []
    full = setting_config(recipe, ["full"], SEED, threads=1).steps
    for fold, of in in_folds(scans).items():
        network = [read_member(str(folder / recipe / f"fold-{fold}" / f"steps-{full}.safetensors"))]
        for scan in of["validation"]:
            _, t1w, mask = scans[scan]
            for version, volume, region in abnormal_versions(t1w.volume, mask.volume):
                probability = average(predict(network, volume, threads=1, **VIEWS))
                for share in SHARES:
                    found = rounded(probability, smallest_part=share, smoothing=AVERAGED["smoothing"])
                    dice = np.nanmean(dice_per_slice(found, region))
                    rows.append({"version": version, "share": share, "dice": dice})
    return pd.DataFrame(rows).pivot_table(index="version", columns="share", values="dice", margins=True, sort=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data")
    parser.add_argument("task", choices=["train", "compare", "parts"])
    parser.add_argument("recipes", nargs="+")
    asked = parser.parse_args()
    if asked.task == "train":
        train(asked.folder, asked.data, *asked.recipes)
    elif asked.task == "parts":
        print(parts(asked.folder, asked.data, *asked.recipes).to_string(float_format="{:.4f}".format))
    else:
        print(compare(asked.folder, *asked.recipes).to_string(index=False, float_format="{:.3f}".format))
