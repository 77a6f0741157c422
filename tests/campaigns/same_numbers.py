"""Compare two runs of a study: every mask voxel for voxel with its affine, every numeric cell of every table and JSON file.

    python tests/campaigns/same_numbers.py OLD/results/demo results/demo

`tests/renamed.tsv` says what a change renamed on purpose. Its columns are kind, old and new. A `path` is relative to the results
of a study, and `*` stands for anything. A `column` has the form PATH:NAME, or NAME for every table. A path or column without a
new name is gone. A path of kind `exempt` is not compared (provenance, text). Cells of text may change; the end counts them.
"""

import argparse
import csv
import json
import math
import re
import sys
from pathlib import Path

import nibabel as nib
import numpy as np

MAP = Path(__file__).parents[1] / "renamed.tsv"
COMPARED = (".nii.gz", ".tsv", ".json")


def read_map(path: Path) -> list[tuple[str, str, str]]:
    """Rows of the map: kind, old name, new name."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return [(row["kind"], row["old"], row["new"] or "") for row in rows]


def pattern_of(old: str) -> re.Pattern:
    """Compile a pattern in which each * is a group."""
    return re.compile("(.*)".join(map(re.escape, old.split("*"))))


def renamed(name: str, kind: str, rules: list[tuple[str, str, str]]) -> str:
    """New name of a path or column; empty where it is gone."""
    for of, old, new in rules:
        found = pattern_of(old).fullmatch(name) if of == kind else None
        if found:
            for part in found.groups():
                new = new.replace("*", part, 1)
            return new
    return name


def number(text: object) -> float | None:
    """Give a cell's number; None for text."""
    if isinstance(text, bool) or text is None:
        return None
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def same_cell(old: object, new: object) -> bool | None:
    """Tell whether two cells hold the same number; None where the old one is text that changed."""
    before, after = number(old), number(new)
    if before is None and after is None:
        return True if old == new else None
    return after is not None and before is not None and (before == after or (math.isnan(before) and math.isnan(after)))


def leaves(item: object, name: str = "") -> dict[str, object]:
    """Every value of a JSON file by its place."""
    if isinstance(item, dict):
        return {place: value for key, one in item.items() for place, value in leaves(one, f"{name}/{key}").items()}
    if isinstance(item, list):
        return {place: value for key, one in enumerate(item) for place, value in leaves(one, f"{name}/{key}").items()}
    return {name: item}


def cells(path: Path, name: str, rules: list[tuple[str, str, str]] = ()) -> dict[str, object]:
    """Every cell of a table by column and row, or of a JSON file by place; columns by their new names."""
    if path.suffix == ".json":
        return leaves(json.loads(path.read_text(encoding="utf-8")))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    found = {}
    for place, column in enumerate(rows[0]) if rows else ():
        new = renamed(f"{name}:{column}", "column", rules).removeprefix(f"{name}:")
        new = renamed(new, "column", rules)
        if new:
            found |= {f"{new}[{line}]": row[place] if place < len(row) else "" for line, row in enumerate(rows[1:], 1)}
    return found


def compare_images(old: Path, new: Path) -> str:
    """Say how two images differ; empty where they are the same."""
    before, after = nib.load(old), nib.load(new)
    if not np.array_equal(before.affine, after.affine):
        return "affine"
    same = np.array_equal(np.asanyarray(before.dataobj), np.asanyarray(after.dataobj))
    return "" if same else "voxels"


def compare(old: Path, new: Path, rules: list[tuple[str, str, str]]) -> tuple[dict[str, int], list[str]]:
    """Count what is equal, and list what is not."""
    counts, wrong = dict.fromkeys(("images", "tables", "numbers", "texts_changed", "gone", "exempt"), 0), []
    for path in sorted(path for path in old.rglob("*") if path.name.endswith(COMPARED) and path.is_file()):
        name = path.relative_to(old).as_posix()
        if any(kind == "exempt" and pattern_of(pattern).fullmatch(name) for kind, pattern, _ in rules):
            counts["exempt"] += 1
            continue
        other = renamed(name, "path", rules)
        if not other:
            counts["gone"] += 1
            continue
        if not (new / other).is_file():
            wrong.append(f"{name}: {other} is missing in {new}")
            continue
        if name.endswith(".nii.gz"):
            difference = compare_images(path, new / other)
            counts["images"] += 1
            wrong += [f"{name}: {difference} differ"] if difference else []
            continue
        counts["tables"] += 1
        found = cells(new / other, other)
        for place, before in cells(path, name, rules).items():
            same = same_cell(before, found.get(place))
            counts["numbers"] += number(before) is not None
            counts["texts_changed"] += same is None
            if same is False:
                wrong.append(f"{name}: {place}: {before!r} is now {found.get(place)!r}")
    return counts, wrong


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--map", type=Path, default=MAP)
    given = parser.parse_args()
    counts, wrong = compare(given.old, given.new, read_map(given.map))
    print(*wrong[:200], sep="\n")
    print(", ".join(f"{value} {name}" for name, value in counts.items()), f", {len(wrong)} differ", sep="")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
