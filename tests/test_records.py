"""Cleaning records: from cleaning to record to mask and back, and what is refused."""

import copy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorded import PACK, record_of_steps
from vhi.cleaning.applying import apply_record
from vhi.cleaning.masks import record_of_mask
from vhi.cleaning.records import (
    REASONS,
    canonical,
    difference,
    fingerprint,
    number_lesions,
    runs_of,
    sealed,
    voxels_of,
)  # fmt: skip
from vhi.inflammation import label_regions
from vhi.io.errors import InputError
from vhi.reading_room import intake
from vhi.reading_room.intake import check_handed_in, parse_record
from vhi.study.rows import read_schema

RECORD_SCHEMA = read_schema(Path(__file__).parents[1], "record")


def random_preliminary(seed, shape=(3, 12, 13)):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < 0.35, rng.integers(1, 3, shape), 0).astype(np.uint8)


def random_steps(preliminary, rng, number):
    """Steps as a reader takes them: regions removed and restored, parts cut, undo and redo."""
    regions, count = label_regions(preliminary)
    flat, steps, undoable, redoable = regions.ravel(), [], 0, 0
    for _ in range(number):
        step = {"keyboard": bool(rng.random() < 0.5), "ms": int(rng.integers(9)), "slice": 0, "regions": [], "runs": []}
        reason = str(rng.choice(REASONS))
        kind = rng.choice(["click", "lasso", "cut", "restore", "undo", "redo"])
        if kind == "undo" and undoable:
            undoable, redoable = undoable - 1, redoable + 1
            steps.append(step | {"tool": "undo", "reason": None})
        elif kind == "redo" and redoable:
            undoable, redoable = undoable + 1, redoable - 1
            steps.append(step | {"tool": "redo", "reason": None})
        elif kind not in ("undo", "redo") and count:
            some = sorted(set(rng.integers(1, count + 1, 4).tolist()))
            if kind == "cut":
                voxels = np.flatnonzero(np.isin(flat, some[:1]))
                part = np.sort(rng.choice(voxels, rng.integers(1, len(voxels) + 1), replace=False))
                steps.append(step | {"tool": "cut", "reason": reason, "runs": runs_of(part)})
            else:
                restore = {"tool": "click", "reason": None, "regions": some[:1]}
                remove = {"tool": str(kind), "reason": reason, "regions": some[:1] if kind == "click" else some}
                steps.append(step | (restore if kind == "restore" else remove))
            undoable, redoable = undoable + 1, 0
    return steps


def bare(cuts):
    """Cut voxels by region, whatever the reason."""
    found = {}
    for cut in cuts:
        found.setdefault(cut["region"], set()).update(voxels_of(cut["runs"], 10**9).tolist())
    return found


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10**6))
def test_the_same_record_comes_back(seed):
    preliminary = random_preliminary(seed)
    record, expected = record_of_steps(random_steps(preliminary, np.random.default_rng(seed), 25), preliminary)
    cleaned = apply_record(record, preliminary)
    np.testing.assert_array_equal(cleaned, expected)
    removed, cuts = difference(cleaned, preliminary)
    assert [item["region"] for item in removed] == [item["region"] for item in record["removed"]]
    assert bare(cuts) == bare(record["cuts"])
    again = record_of_mask(cleaned, preliminary, max_cut_share=1)
    assert record_of_mask(apply_record(again, preliminary), preliminary, max_cut_share=1) == again
    if seed % 10 == 0:  # the form takes longest
        for one in (record, again):
            assert (
                parse_record(canonical(one)[:-1] + f',"checksum":"{one["checksum"]}"}}'.encode(), RECORD_SCHEMA) == one
            )


def test_a_volume_that_is_a_turned_view_is_cleaned_alike():
    preliminary = random_preliminary(5)
    record, expected = record_of_steps(random_steps(preliminary, np.random.default_rng(5), 25), preliminary)
    assert record["removed"]
    for turned in (np.asfortranarray(preliminary), preliminary.T.copy().T, preliminary[:, ::-1].copy()[:, ::-1]):
        np.testing.assert_array_equal(apply_record(record, turned), expected)


@pytest.fixture
def cleaning():
    preliminary = random_preliminary(3)
    steps = random_steps(preliminary, np.random.default_rng(3), 20)
    whole = label_regions(preliminary)[0].ravel()
    largest = int(np.bincount(whole)[1:].argmax()) + 1
    step = {"keyboard": False, "ms": 5, "slice": 0}
    steps.append(step | {"tool": "click", "reason": None, "regions": [largest], "runs": []})
    part = np.flatnonzero(whole == largest)[:2]
    steps.append(step | {"tool": "cut", "reason": "vessel", "regions": [], "runs": runs_of(part)})
    return (*record_of_steps(steps, preliminary), preliminary)


def altered(value):
    """Another value of the same kind."""
    return {str: lambda: value + "x", int: lambda: value + 1, bool: lambda: not value, list: lambda: [*value, 1],
            dict: lambda: value | {"x": 1}, type(None): lambda: "x"}[type(value)]()  # fmt: skip


def test_a_record_altered_in_any_field_is_refused(cleaning):
    record, _, preliminary = cleaning
    for key in record:
        damaged = record | {key: altered(record[key])}
        with pytest.raises(InputError):
            apply_record(damaged, preliminary)
        with pytest.raises(InputError):
            parse_record(canonical(damaged)[:-1] + f',"checksum":"{damaged["checksum"]}"}}'.encode(), RECORD_SCHEMA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda record: record["removed"].append({"region": 10**6, "reason": "other"}), "in order, each once"),
        (lambda record: record["removed"].pop(), "steps do not lead"),
        (lambda record: record.update(steps=[]), "steps do not lead"),
        (lambda record: record["steps"].insert(0, record["steps"][0] | {"tool": "undo"}), "nothing to undo"),
        (lambda record: record["result"].update(upper_voxels=0), "counts do not fit"),
        (lambda record: record.update(regions=1), "another preliminary segmentation"),
        (lambda record: record["cuts"][0].update(runs=[[0, 10**6]]), "outside the volume"),
        (lambda record: record["added"].append({"label": 1, "runs": [[0, 1]]}), "cleaning only removes"),
    ],
)
def test_a_record_that_is_sealed_and_yet_wrong_is_refused(cleaning, change, message):
    record, _, preliminary = cleaning
    damaged = copy.deepcopy(record)
    change(damaged)
    with pytest.raises(InputError, match=message):
        apply_record(sealed(damaged), preliminary)


def test_lesions_join_regions_across_slices():
    preliminary = np.zeros((3, 8, 8), np.uint8)
    preliminary[0, 1:3, 1:3] = preliminary[1, 3:5, 3:5] = 1  # they touch by a corner
    preliminary[2, 7, 7] = 2
    lesions = number_lesions(preliminary)
    assert lesions[1] == lesions[2] != lesions[3]
    assert len(set(number_lesions(preliminary, connectivity=4)[1:])) == 3


def test_a_stale_record_says_what_changed(cleaning, tmp_path, monkeypatch):
    record, _, preliminary = cleaning
    kept = tmp_path / "kept.nii.gz"
    link = {"pack": PACK, "code": "07", "reader": "R1", "preliminary": fingerprint(preliminary), "kept": str(kept)}
    check_handed_in(record, preliminary, [link])
    now = preliminary.copy()
    now[0] = 0
    with pytest.raises(InputError, match="not kept in the key"):
        check_handed_in(record, now, [link])
    kept.touch()
    monkeypatch.setattr(intake, "read_mask", lambda *_: SimpleNamespace(volume=preliminary))
    with pytest.raises(
        InputError, match=rf"reading 07 of reader R1 is stale.*0 voxels came, {(preliminary[0] > 0).sum()} went"
    ):
        check_handed_in(record, now, [link])
    with pytest.raises(InputError, match="none of this reading's"):
        check_handed_in(record, preliminary, [])
    with pytest.raises(InputError, match="not finished"):
        check_handed_in(record | {"finished": None}, preliminary, [link])


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"schema": 1}', b"[" * 100_000, b"0" * 17_000_000]
)
def test_what_is_no_record_is_refused_in_one_line(content):
    with pytest.raises(InputError) as error:
        parse_record(content, RECORD_SCHEMA)
    assert "\n" not in str(error.value)
