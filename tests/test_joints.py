"""Sides, bones and quadrants: on a drawn pelvis, on a simulated scan, and through the rules of a small study."""

import numpy as np
import pandas as pd
import pytest

from small_study import SmallStudy
from vhi.io.images import read_scan
from vhi.io.orientation import present, presentation_order
from vhi.joint.midline import find_midline
from vhi.joint.scores import READING, score_quadrants, totals, vhi_by_joint
from vhi.joint.territories import QUADRANTS, SCORED_SLICES, find_territories
from vhi.region.resampling import scan_on_grid_of
from vhi.report.scan_pages import sides_of
from vhi.simulation.geometry import Bone
from vhi.simulation.scan import draw_subject, simulate

SPACING = (3.3, 1.2, 1.2)


@pytest.fixture(scope="module")
def pelvis():
    """Bright bone with two oblique dark joints about an oblique midline; where each joint runs, mm from the midline."""
    slices, rows, columns = np.meshgrid(np.arange(12), np.arange(120), np.arange(160), indexing="ij")
    middle = 76 + 0.04 * rows + 0.15 * slices
    joint = 50 - 0.25 * (rows - 60) * 1.2 - 0.3 * (slices - 6) * 3.3
    region = (np.abs(columns - middle) * 1.2 < joint + 16) & (rows > 20) & (rows < 100)
    away = np.abs(np.abs(columns - middle) * 1.2 - joint)
    t1w = np.where(region, np.where(away < 1.5, 10.0, 100.0), 40.0)
    return t1w + np.random.default_rng(1).normal(0, 3, t1w.shape), region, middle, joint


def test_the_midline_is_found(pelvis):
    t1w, region, middle, _ = pelvis
    found = find_midline(t1w, region, SPACING).columns(*region.shape[:2])
    assert np.abs(found - middle[:, :, 0]).max() * SPACING[2] < 1.5


def test_territories_are_parted_by_midline_joint_and_its_mid_height(pelvis):
    t1w, region, middle, joint = pelvis
    found = find_territories(t1w, region, SPACING)
    columns, rows = np.arange(region.shape[2]), np.arange(region.shape[1])[:, None]
    from_middle = (columns - middle) * SPACING[2]
    truth = 1 + 4 * (from_middle > 0) + 2 * (np.abs(from_middle) < joint) + (rows > 60)
    clear = region & (np.abs(np.abs(from_middle) - joint) > 1.8) & (np.abs(rows - 60) > 4) & (np.abs(from_middle) > 2)
    assert np.mean(found.labels[clear] == truth[clear]) > 0.999
    assert 1 <= found.labels.min() <= found.labels.max() == len(QUADRANTS)  # every voxel, in the region or not
    assert 0 <= found.first_slice <= len(t1w) - SCORED_SLICES
    assert found.described()["labels"]["3"] == "right sacrum upper"


def test_mirroring_a_scan_swaps_the_sides(pelvis):
    t1w, region, *_ = pelvis
    there, back = (find_territories(*(part[:, :, ::step] for part in (t1w, region)), SPACING) for step in (1, -1))
    swapped = (back.labels[:, :, ::-1].astype(int) + 3) % 8 + 1
    assert np.mean(swapped[region] == there.labels[region]) > 0.98
    np.testing.assert_allclose(there.joint_mm, back.joint_mm[:, ::-1], atol=12)


def test_a_part_that_the_border_crosses_through_marrow_stays_one_bone(pelvis):
    t1w, region, middle, joint = pelvis
    from_middle = np.abs(np.arange(region.shape[2]) - middle) * SPACING[2]
    region, t1w = region.copy(), t1w.copy()
    region[10:] = (from_middle > joint - 5)[10:] & (from_middle < joint + 7)[10:] & region[10:]
    t1w[10:] = 100  # no dark line
    bone = (find_territories(t1w, region, SPACING).labels.astype(int) - 1) // 2
    for k in (10, 11):
        assert [len(np.unique(bone[k][region[k] & (bone[k] // 2 == side)])) for side in (0, 1)] == [1, 1]


def test_a_region_without_any_joint_is_parted_too():
    region = np.zeros((3, 40, 40), bool)
    region[1, 10:20, 5:9] = True
    found = find_territories(np.ones(region.shape), region, SPACING)
    assert not found.joint_mm.any()
    assert found.first_slice == 0
    assert set(np.unique(found.labels)) <= set(range(1, 9))


def test_most_inflamed_voxels_of_a_simulated_scan_are_on_their_side_and_in_their_bone():
    """One subject, as an alarm; benchmarks/per_joint.py measures."""
    scan = simulate(draw_subject("J101", 1706), "pre", 1706, shape=(168, 168, 25))
    order = presentation_order(scan.affine)
    t1w, region, inflamed, bone = (
        present(part, order)
        for part in (scan.t1w, scan.disease_region, scan.truth.inflammation, scan.truth.bone)
    )  # fmt: skip
    labels = find_territories(t1w.astype(float), region > 0, (3.3, 200 / 168, 200 / 168)).labels[inflamed]
    found = np.where((labels.astype(int) - 1) // 2 % 2 == 1, Bone.SACRUM, Bone.ILIUM)
    assert inflamed.sum() > 50
    assert np.mean(found == bone[inflamed]) > 0.9


QUADRANT_OF = {name: label for label, name in enumerate(QUADRANTS, 1)}


def test_parts_sum_to_vhi_and_few_pixels_inflame_no_quadrant():
    labels = np.zeros((8, 2, 20), np.uint8)
    labels[:, 0], labels[:, 1] = QUADRANT_OF["right", "ilium", "upper"], QUADRANT_OF["left", "sacrum", "lower"]
    inflamed = np.zeros(labels.shape, bool)
    inflamed[2, 0, :5] = inflamed[3, 1, :4] = inflamed[3, 0, :3] = inflamed[0, 0, :9] = True
    parts = vhi_by_joint(inflamed, labels, 2.0).set_index(["side", "bone"])
    assert parts["vhi_voxels"].sum() == inflamed.sum()
    assert parts.loc[("right", "ilium")].tolist() == [17, 34.0]
    assert parts.loc[("left", "ilium")].tolist() == [0, 0.0]
    scores = score_quadrants(inflamed, labels, 1, 4)
    assert scores["score"].tolist() == [1, 0, 1, 1, 0, 0, 0, 0]
    assert scores.loc[scores["scored"] == "yes", "slice"].tolist() == [2, 3, 4, 5, 6, 7]
    assert scores["left_sacrum_lower"].tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    of_reading = dict(zip(READING, ["a", "A", "pre", 1, "R1", 1], strict=True))
    table = pd.DataFrame([of_reading]).merge(scores, how="cross")
    sparcc = pd.DataFrame([{"scan": "a", "reader": "R1", "sparcc": 7.0}])
    assert totals(table, sparcc)[["first_slice", "quadrant_score", "sparcc"]].values.tolist() == [[2, 2, 7.0]]
    assert totals(table, None)["sparcc"].isna().all()


def test_a_scan_page_names_both_sides():
    rows = [("a", "R1", 1, "right", 3), ("a", "R1", 1, "left", 4), ("a", "R1", 2, "left", 9), ("b", "R1", 1, "left", 5)]
    joints = pd.DataFrame(rows, columns=["scan", "reader", "trial", "side", "vhi_voxels"])
    assert sides_of(joints, "a") == [("V_HI by R1, left / right", "4 / 3 voxels")]


def test_a_scan_on_its_own_grid_stays_as_it_is(tmp_path):
    study = SmallStudy(tmp_path / "small")
    stir = read_scan(next(study.data.glob("*_STIR.nii.gz")))
    assert scan_on_grid_of(stir, stir) is stir.volume
