"""Universes drawn at random beside runs of variants with the same keys, and the processor time of both.

    python benchmarks/multiverse_equal.py FOLDER STUDY [--variant NAME] [--universes 20] [--complete]

STUDY is a simulated study that was run (results/STUDY), with its multiverse. In FOLDER a copy of it takes the same scans, networks,
regions and cleaned masks as files, so that a variant finds them there. `--complete` runs every target of each variant, as
`make run VARIANT=` does; without it, the tables that are compared. Prints the largest relative difference, and seconds of processor
time per variant. V_HI is compared where every scan has the preliminary segmentation that was cleaned.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow_scripts"))

from vhi.cleaning.masks import counted  # noqa: E402
from vhi.io.files import read_json  # noqa: E402
from vhi.io.images import read_mask  # noqa: E402
from vhi.io.tables import read_rows, read_table, write_rows  # noqa: E402
from vhi.multiverse.masks import oracle_dice  # noqa: E402
from vhi.statistics.overlap import composite, dice  # noqa: E402
from vhi.study.load import load_study  # noqa: E402
from vhi.study.multiverse import AXES  # noqa: E402

TABLES = {
    "measurements": "6_cleaning", "limits": "7_2_agreement", "relation": "7_2_agreement", "reliability": "7_2_agreement",
    "response_means": "7_3_responsiveness", "responders": "7_3_responsiveness", "changes": "7_3_responsiveness",
}  # fmt: skip


def nested(universe: dict) -> dict:
    """Config of a universe."""
    config = {}
    for key in AXES:
        part, name = key.split(".")
        config.setdefault(part, {})[name] = universe[key]
    return config


def frozen(folder: Path, name: str, variant: str) -> Path:
    """Copy a simulated study with all that it made as files of its own."""
    study = load_study(ROOT, name, variant)
    results, copy = (ROOT / "results" / study.label).resolve(), folder / "frozen"
    copy.mkdir(parents=True)
    data = results / "0_scans"
    config = study.config | {"simulation": None, "data": str(data), "simulated": True}
    members = sorted(map(str, results.glob("3a_unet_training/selected/all/*/weights.safetensors")))
    config["ensemble"] |= {"source": "files", "members": members}
    config["cleaning"] |= {"added_voxels": "report", "max_cut_share": 1.0, "max_added_share": 1.0}
    config["reading_room"] |= {"records": None}
    (copy / "config.yaml").write_text(yaml.safe_dump(config))
    for table in ("scans", "subjects", "readings"):
        rows = read_rows(Path(study.folder) / f"{table}.tsv")
        for row in rows if table == "readings" else []:
            if row["method"] == "semiautomatic":
                row["mask"] = str(results / "6_cleaning" / row["reader"] / row["trial"] / f"{row['scan']}.nii.gz")
        write_rows(copy / f"{table}.tsv", list(rows[0]), rows)
    for table in ("clinical", "sparcc_sheets"):
        shutil.copy(data / f"{table}.tsv", copy)
    scores = [row | ({"sparcc": ""} if row["source"] == "sheet" else {}) for row in read_rows(data / "scores.tsv")]
    write_rows(copy / "scores.tsv", list(scores[0]), scores)
    (copy / "variants").mkdir()
    return copy


def run_variant(folder: Path, copy: Path, results: Path, name: str, config: dict, targets: list[str]) -> float:
    """Run a variant that finds the regions of the ensemble there, up to its targets; give seconds of processor time."""
    (copy / "variants" / f"{name}.yaml").write_text(yaml.safe_dump(config))
    there = folder / "results" / f"frozen@{name}" / "3b_disease_region" / "ensemble"
    shutil.copytree(results / "3b_disease_region" / "ensemble", there, copy_function=shutil.copy)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-s",
        str(ROOT / "Snakefile"),
        "-d",
        str(folder),
        "-c1",
        *targets,
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--config", f"study={copy}", f"variant={name}", "scans_per_job=1000"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def off(a: float, b: float) -> float:
    """Relative difference; 0 where both are missing."""
    if pd.isna(a) or pd.isna(b):
        return 0.0 if pd.isna(a) and pd.isna(b) else np.inf
    return abs(a - b) / max(1.0, abs(a), abs(b))


def preliminary(made: Path, study: object, universe: dict, of: pd.DataFrame) -> dict[str, float]:
    """Compare what needs no cleaned mask: limits, voxels, Dice."""
    found = dict.fromkeys(("limits", "voxels", "composite_dice", "oracle_dice"), 0.0)
    for scan, row in of.set_index("scan").iterrows():
        limits, labels = (
            read_json(made / f"2_threshold/{scan}.json"),
            read_mask(made / f"5_small_regions/{scan}.nii.gz", (0, 1, 2)).volume,
        )
        chosen = counted(labels, universe["limits.vhi"])
        found["limits"] = max(found["limits"], off(limits["lower"], row["lower"]), off(limits["upper"], row["upper"]))
        found["voxels"] = max(found["voxels"], off(chosen.sum(), row["voxels"]))
        drawn = [r["mask"] for r in study.tables["readings"] if r["method"] == "manual" and r["scan"] == scan]
        if len(drawn) >= study.config["overlap"]["composite_votes"]:
            truth = composite([read_mask(path).volume for path in drawn], study.config["overlap"]["composite_votes"])
            joined = universe["small_regions.connectivity"]
            found["composite_dice"] = max(found["composite_dice"], off(dice(chosen, truth), row["composite_dice"]))
            found["oracle_dice"] = max(
                found["oracle_dice"], off(oracle_dice(labels, chosen, truth, joined), row["oracle_dice"])
            )
    return found


def one(table: pd.DataFrame, column: str, **where: str) -> float:
    """Value of the first row that has these values."""
    fits = np.logical_and.reduce([table[name] == value for name, value in where.items()])
    return table.loc[fits, column].iloc[0]


def cleaned(made: Path, universe: dict, row: pd.Series, readers: list[str]) -> dict[str, float]:
    """Compare outcomes of V_HI with the tables of section 2.7."""
    tables = {table: read_table(made / step / f"{table}.tsv") for table, step in TABLES.items()}
    log, reader = universe["statistics.scale"] == "log", universe["response.reader"]
    session = universe["response.session"] or "post"
    scale, measure = ("log", "log(V_HI + 1)") if log else ("truncated", "V_HI")
    found = {}
    for name in ("bias", "sd", "lower_limit", "upper_limit"):
        about = {"measure": "V_HI", "scale": scale, "method": "paper", "sessions": "all", "quantity": name}
        found[name] = one(tables["limits"], "estimate", **about)
    about = {"measure": "V_HI", "scale": "log" if log else "raw"}
    found["icc"] = one(tables["reliability"], "icc", of="status", sessions="all", **about)
    found["icc_change"] = one(tables["reliability"], "icc", of="change", sessions=f"{session} - pre", **about)
    if reader in readers:
        found["slope"] = one(tables["relation"], "slope", reader=reader, scale=scale)
    about = {"session": session, "reader": reader, "group": "all subjects", "statistic": "srm", "measure": measure}
    found |= {
        "srm": one(tables["response_means"], "estimate", **about),
        "subjects": one(tables["response_means"], "n", **about),
    }
    change = tables["changes"]
    change = change[(change["measure"] == "vhi") & (change["reader"] == reader) & (change["session"] == session)]
    found["responders"] = (change["direction"].dropna() == "improved").mean()
    about = {
        "session": session,
        "group": "all subjects",
        "reader": reader,
        "criterion": "any improvement",
        "a": f"clinical: {universe['response.clinical_rule']}",
        "b": "vhi",
    }
    found |= {name: one(tables["responders"], name, **about) for name in ("kappa", "agreement")}
    return {name: off(value, row[name]) for name, value in found.items()}


def main() -> None:
    """Draw, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("study")
    parser.add_argument("--variant", default="")
    parser.add_argument("--universes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--complete", action="store_true")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    folder = asked.folder.resolve()
    os.chdir(ROOT)
    study = load_study(ROOT, asked.study, asked.variant)
    results = (ROOT / "results" / study.label).resolve()
    copy = frozen(folder, asked.study, asked.variant)
    universes, outcomes = (read_table(results / "multiverse" / f"{name}.tsv") for name in ("universes", "outcomes"))
    segmentations = read_table(results / "multiverse" / "segmentations.tsv")
    rng = np.random.default_rng(asked.seed)
    as_cleaned = np.flatnonzero(outcomes["as_cleaned"] == 1)
    half = asked.universes // 2
    drawn = [
        *rng.choice(as_cleaned, half, replace=False),
        *rng.choice(len(universes), asked.universes - half, replace=False),
    ]
    print("universe", "segmentation", "as_cleaned", "seconds", "largest_difference", "of", sep="\t")
    for place in drawn:
        universe, row = study.multiverse.universes[place], outcomes.iloc[place]
        of = segmentations[segmentations["segmentation"] == universes["segmentation"][place]]
        made, whole = folder / "results" / f"frozen@{row['universe']}", row["as_cleaned"] == 1
        needed = [f"5_small_regions/{scan}.nii.gz" for scan in of["scan"]]
        needed += [f"{step}/{table}.tsv" for table, step in TABLES.items() if whole]
        targets = [] if asked.complete else [f"{made.relative_to(folder)}/{name}" for name in needed]
        seconds = run_variant(folder, copy, results, row["universe"], nested(universe), targets)
        found = preliminary(made, study, universe, of)
        if whole:
            found |= cleaned(made, universe, row, study.config["readers"])
        worst = max(found, key=found.get)
        said = ", ".join(re.sub("_", " ", name) for name in found)
        print(
            row["universe"],
            universes["segmentation"][place],
            row["as_cleaned"],
            f"{seconds:.1f}",
            f"{found[worst]:.2g} ({worst})",
            said,
            sep="\t",
            flush=True,
        )


if __name__ == "__main__":
    main()
