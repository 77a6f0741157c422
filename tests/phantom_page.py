"""The reading page of a phantom: regions of known place in a scan stored in any order."""

import json
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np

from vhi.cleaning.applying import apply_record
from vhi.cleaning.records import sealed
from vhi.inflammation import label_regions
from vhi.io.images import read_mask, read_scan
from vhi.reading_room.agreeing import agreeing_content, compared, differences, settled_labels
from vhi.reading_room.intake import parse_record
from vhi.reading_room.packs import marrow_content, pack_content, region_content, shown_scan
from vhi.reading_room.pages import page, page_files
from vhi.study.rows import read_schema

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "workflow_scripts" / "vhi" / "reading_room"
SCHEMA = read_schema(ROOT, "record")
PACK = "00112233445566778899aabbccddeeff"
SHAPE = (5, 40, 48)
STORED = {"LSP": (2, 1, 0), "SPL": (1, 0, 2), "RIA": (2, 1, 0), "PLI": (0, 2, 1)}  # axes of the file -> presented ones
DIRECTION = {"R": (1, 0, 0), "L": (-1, 0, 0), "A": (0, 1, 0), "P": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}
SPACING = {"L": 1.0, "R": 1.0, "S": 1.25, "I": 1.25, "A": 4.0, "P": 4.0}


def phantom():
    """Labels, presented: regions of known place, two of them one lesion across slices, two touching by a corner."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[1, 4:10, 5:15] = 1
    labels[1, 6:8, 7:10] = 2
    labels[2, 5:9, 8:13] = 2  # under the first: one lesion
    labels[2, 20:24, 20:26] = 1
    labels[2, 24:26, 26:30] = 1  # by a corner: one region
    labels[2, 30:36, 5:9] = 1
    labels[2, 30:34, 38:44] = 2
    labels[4, 18:22, 30:40] = 1
    return labels


def stored(folder, axes):
    """The phantom as files in another axis order: STIR, T1w and preliminary segmentation."""
    labels = phantom()
    presented = {"P": 0, "A": 0, "I": 1, "S": 1, "L": 2, "R": 2}
    grows = "PIL"  # slices, rows, columns run to the back, down, and to the left
    order = [presented[axis] for axis in axes]
    assert tuple(order) == STORED[axes]
    flips = tuple(slice(None, None, 1 if axis in grows else -1) for axis in axes)
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([np.array(DIRECTION[axis]) * SPACING[axis] for axis in axes])
    stir = 100 + 300 * (labels > 0) + np.arange(SHAPE[1])[None, :, None]
    for name, array in (("stir", stir), ("t1w", stir[:, ::-1]), ("preliminary", labels)):
        image = nib.Nifti1Image(np.transpose(array, order)[flips].astype(np.int16), affine)
        image.set_sform(affine, 1)
        image.set_qform(affine, 1)
        nib.save(image, folder / f"{name}.nii.gz")
    return {name: read_scan(folder / f"{name}.nii.gz") for name in ("stir", "t1w")} | {
        "preliminary": read_mask(folder / "preliminary.nii.gz", (0, 1, 2))
    }


CONTENTS = {
    "cleaning": pack_content,
    "marrow": marrow_content,
    "region": region_content,
    "agreeing": agreeing_content,
    "scoring": shown_scan,
}
SETTINGS = {
    "rule": {"rule": "paper", "n_start": 1.5, "n_step": 0.05, "iqr_share": 0.5},
    "small_regions": {"minimum_pixels": 4, "connectivity": 8},
    "exclude": False,
}


def make_page(folder, images, task="cleaning", **options):
    template = {name: (TEMPLATE / name).read_text() for name in page_files(task)}
    if task == "scoring" and len(images["stir"].volume) < 6:  # it needs six slices
        images = {name: replace(image, volume=np.repeat(image.volume, 2, 0)) for name, image in images.items()}
    if task == "agreeing" and "both" not in images:
        images = images | {"both": replace(images["preliminary"], volume=two_readers())}
    images = {"STIR": images["stir"], "T1W": images["t1w"], "limits": images["stir"]} | images
    if task == "marrow":
        options["settings"] = options.get("settings", SETTINGS)
    content = CONTENTS[task](images, {"pack": PACK, "code": "07"}, **options)
    (folder / "07.html").write_text(page(template, content))
    return (folder / "07.html").as_uri()


def kept(reader):
    """What the page's record leaves, through the check of its form and the one function that applies it."""
    record = parse_record(json.dumps(reader.record()).encode(), SCHEMA)
    return apply_record(record, phantom())


def without(*regions, labels=None):
    expected = phantom() if labels is None else labels.copy()
    expected[np.isin(label_regions(phantom())[0], regions)] = 0
    return expected


def drawing_record(drawn, begin=None, task="marrow", finished=True, rating=None, **change):
    """A record as the page makes it, of one step."""
    begin = np.zeros_like(drawn) if begin is None else begin
    runs = [[int(voxel), 1] for voxel in np.flatnonzero(drawn)]
    step = {"tool": "polygon", "keyboard": False, "ms": 5, "slice": 2, "added": runs, "removed": []}
    times = {"started": "2026-01-01T10:00:00Z", "finished": "2026-01-01T10:09:00Z" if finished else None}
    record = times | {
        "schema": "vhi-drawing/1", "task": task, "pack": PACK, "grid": list(SHAPE), "rating": rating, "mask": runs, "steps": [step],
        "active_ms": 5, "slices_seen": [2],
        "notes": "seen\ttwice", "result": {
            "voxels": int(drawn.sum()), "added_voxels": int((drawn > begin).sum()), "removed_voxels": int((drawn < begin).sum()),
            "slices": int(drawn.any((1, 2)).sum()),
        },
    }  # fmt: skip
    return sealed(record | change)


def two_readers():
    """What two readers kept of the phantom: they differ on regions 1, 3, 5 and 6, and on a corner of region 2."""
    first, second = without(1, 4, 6), without(3, 4, 5)
    second[2, 5:7, 8:10] = 0
    return compared(first, second)


def consensus_record(kept, finished=True, **change):
    """A record of the agreeing page on `two_readers`: these differences are kept, the others removed."""
    both = two_readers()
    numbers, _ = differences(both)
    count, decided = int(numbers.max()), sorted(set(kept))
    step = {
        "tool": "decide",
        "keyboard": True,
        "ms": 5,
        "slice": 2,
        "keep": True,
        "reason": None,
        "differences": decided,
    }
    decisions = [
        {"difference": n, "keep": n in kept, "reason": None if n in kept else "vessel"} for n in range(1, count + 1)
    ]
    record = {
        "schema": "vhi-consensus/1", "pack": PACK, "grid": list(SHAPE), "differences": count, "decisions": decisions,
        "steps": [step], "started": "2026-01-01T10:00:00Z", "finished": "2026-01-01T10:09:00Z" if finished else None,
        "active_ms": 5, "slices_seen": [2], "notes": "",
        "result": {
            "kept": len(decided), "removed": count - len(decided), "open": 0,
            "voxels": int(np.count_nonzero(settled_labels(both, numbers, decided))),
        },
    }  # fmt: skip
    return sealed(record | change)


def sparcc_record(*given, begin=2, finished=True, **change):
    """A record of the scoring page: the items given, (slice, side, item) each, are 1."""
    items = ("q1", "q2", "q3", "q4", "depth", "intensity")
    rows = [
        {"slice": begin + n, "side": side} | {item: int((begin + n, side, item) in given) for item in items}
        for n in range(6)
        for side in ("right", "left")
    ]
    step = {"tool": "first", "keyboard": True, "ms": 5, "slice": begin, "begin": begin, "changes": []}
    record = {
        "schema": "vhi-sparcc/1", "pack": PACK, "grid": [10, *SHAPE[1:]], "begin": begin, "scores": rows, "steps": [step],
        "started": "2026-01-01T10:00:00Z", "finished": "2026-01-01T10:09:00Z" if finished else None, "active_ms": 5,
        "slices_seen": [2], "notes": "", "result": {"total": len(given)},
    }  # fmt: skip
    return sealed(record | change)
