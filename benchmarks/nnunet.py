"""nnU-Net v2 and this project's networks on the same work: two folds of the public training scans, Dice against minutes.

    python benchmarks/nnunet.py FOLDER DATA prepare             the eight training scans as a dataset of nnU-Net, and the folds
    RIVAL/bin/python benchmarks/nnunet_rival.py FOLDER plan     nnU-Net's own plan and preprocessing (RIVAL: an environment with it)
    RIVAL/bin/python benchmarks/nnunet_rival.py FOLDER train FOLD MINUTES [BATCH]
    python benchmarks/nnunet.py FOLDER DATA ours FOLD RECIPE
    python benchmarks/nnunet.py FOLDER DATA table               Dice against minutes, from all that was trained

Minutes are processor minutes of a training on one thread, so that other work on the machine does not count: five minutes of two
cores are ten of them. No test scan is looked at. What was trained lies in FOLDER/trained/<who>/fold-<n>: a region per unseen
scan and `spent.json`.
"""

import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
from recipes import SEED, annotated, in_folds, segmented

from vhi.io.images import read_mask, write_labels
from vhi.io.tables import write_table
from vhi.region.members import read_member
from vhi.region.protocols import setting_config
from vhi.region.training_files import train_to_files, trainer_of
from vhi.statistics.overlap import dice_per_slice

FOLDS = (1, 2)
DATASET = "Dataset501_DiseaseRegion"


def prepare(folder: Path, data: str) -> None:
    """Write the training scans and their drawn regions as nnU-Net reads them, and our folds as its splits."""
    raw, scans = folder / "raw" / DATASET, annotated(data)
    for part in ("imagesTr", "labelsTr"):
        (raw / part).mkdir(parents=True, exist_ok=True)
    for scan, (_, t1w, region) in scans.items():
        write_labels(raw / "imagesTr" / f"{scan}_0000.nii.gz", t1w.volume, like=t1w, dtype=np.float32)
        write_labels(raw / "labelsTr" / f"{scan}.nii.gz", region.volume, like=t1w)
    labels = {"background": 0, "disease region": 1}
    description = {"channel_names": {"0": "T1w"}, "labels": labels, "numTraining": len(scans), "file_ending": ".nii.gz"}
    (raw / "dataset.json").write_text(json.dumps(description))
    (folder / "splits.json").write_text(
        json.dumps([{"train": of["train"], "val": of["validation"]} for of in map(in_folds(scans).get, FOLDS)])
    )


def ours(folder: Path, data: str, fold: int, recipe: str) -> None:
    """Train a network of this project on a fold, and predict the scans that it has not seen."""
    scans = annotated(data)
    parts = in_folds(scans)[fold]
    here = folder / "trained" / recipe / f"fold-{fold}"
    here.mkdir(parents=True, exist_ok=True)
    (here / "checkpoint.pt").unlink(missing_ok=True)  # the minutes of a training that was killed are not known
    config = setting_config(recipe, ["full"], SEED, threads=1)
    weights, started = here / "network.safetensors", time.process_time()
    seen = [(t1w.volume, mask.volume) for _, t1w, mask in map(scans.get, parts["train"])]
    train_to_files(
        trainer_of(config, seen), {config.steps: str(weights)}, here / "progress.tsv", f"{recipe}, fold {fold}"
    )
    (here / "spent.json").write_text(
        json.dumps({"minutes": (time.process_time() - started) / 60, "steps": config.steps})
    )
    network = [read_member(str(weights))]
    for scan in parts["validation"]:
        _, t1w, _ = scans[scan]
        write_labels(here / f"{scan}.nii.gz", segmented(network, t1w), like=t1w)


def table(folder: Path, data: str) -> pd.DataFrame:
    """Mean slice Dice of every training on the scans that it has not seen, beside what it cost."""
    scans, rows = annotated(data), []
    for spent in sorted((folder / "trained").glob("*/fold-*/spent.json")):
        for path in sorted(spent.parent.glob("*.nii.gz")):
            scan = path.name.removesuffix(".nii.gz")
            dice = np.nanmean(dice_per_slice(read_mask(path).volume, scans[scan][2].volume))
            row = {"network": spent.parents[1].name, "fold": int(spent.parent.name[5:]), "scan": scan, "dice": dice}
            rows.append(row | json.loads(spent.read_text()))
    frame = pd.DataFrame(rows)
    write_table(folder / "dice.tsv", frame)
    wide = frame.pivot_table(index="network", columns="scan", values="dice")
    wide["mean"] = wide.mean(axis=1)
    return wide.join(frame.groupby("network")[["minutes", "steps"]].mean()).sort_values("minutes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data")
    parser.add_argument("task", choices=["prepare", "ours", "table"])
    parser.add_argument("fold", type=int, nargs="?", choices=FOLDS)
    parser.add_argument("recipe", nargs="?")
    asked = parser.parse_args()
    if asked.task == "prepare":
        shutil.rmtree(asked.folder / "raw", ignore_errors=True)
        prepare(asked.folder, asked.data)
    elif asked.task == "ours":
        ours(asked.folder, asked.data, asked.fold, asked.recipe)
    else:
        print(table(asked.folder, asked.data).to_string(float_format="{:.3f}".format))
