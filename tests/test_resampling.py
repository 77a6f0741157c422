"""Disease regions carried from the grid of one sequence onto that of another."""

import json

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_study import SHAPE, SmallStudy, oblique_affine, save
from vhi.io.images import read_mask
from vhi.region.resampling import carry, carry_and_report


def ball(affine, shape, centre, radius):
    """A ball of a radius in mm, whatever the grid."""
    index = np.indices(shape).reshape(3, -1)
    places = (affine[:3, :3] @ index + affine[:3, 3:]).T
    return (np.linalg.norm(places - centre, axis=1) < radius).reshape(shape)


GRID = np.diag([3.3, 0.8, 0.8, 1.0])


def test_onto_its_own_grid_a_region_is_unchanged():
    region = np.random.default_rng(3).random((5, 20, 20)) < 0.4
    found = carry_and_report(region, GRID, GRID, region.shape)
    np.testing.assert_array_equal(found.region, region)
    assert (found.returned_dice, found.outside_share, found.volume_ratio) == (1, 0, 1)


@settings(max_examples=15, deadline=None)
@given(
    st.floats(0, 0.6), st.sampled_from([(1.0, 1.0, 1.0), (2.0, 1.2, 1.2), (4.0, 0.7, 0.7)]),
    st.tuples(*[st.floats(-2, 2)] * 3),
)  # fmt: skip
def test_a_ball_stays_a_ball_on_a_turned_and_moved_grid(angle, spacing, shift):
    """Against the ball drawn on the new grid itself."""
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    shape, onto_shape = (24, 100, 100), tuple(int(np.ceil(78 / step)) for step in spacing)
    onto = np.eye(4)
    onto[:3, :3] = turn @ np.diag(spacing)
    centre = np.array([40.0, 40.0, 40.0])
    onto[:3, 3] = centre - onto[:3, :3] @ (np.array(onto_shape) / 2) + shift
    found = carry_and_report(ball(GRID, shape, centre, 22), GRID, onto, onto_shape)
    drawn = ball(onto, onto_shape, centre, 22)
    assert 2 * (found.region & drawn).sum() / (found.region.sum() + drawn.sum()) > 0.95
    assert found.outside_share == 0
    assert found.volume_ratio == pytest.approx(1, abs=0.03)
    assert found.returned_dice > 0.93


def test_what_lies_outside_is_counted_and_a_voxel_reaches_half_a_step():
    region = np.ones((4, 10, 10))
    onto = GRID.copy()
    onto[0, 3] = 2 * 3.3  # the new grid begins two slices further on
    found = carry_and_report(region, GRID, onto, region.shape)
    assert found.outside_share == 0.5
    assert found.region[:2].all()
    assert not found.region[2:].any()
    assert found.returned_dice == 1
    onto[0, 3] = 0.4 * 3.3
    assert carry(region, GRID, onto, region.shape).all()
    onto[0, 3] = 0.6 * 3.3
    assert not carry(region, GRID, onto, region.shape)[3].any()


AXIAL = np.array([[-1.2, 0, 0, 30.0], [0, -1.2, 0, 40.0], [0, 0, 2.5, -20.0], [0, 0, 0, 1]])


def put_stir_on(study, affine, shape):
    """Give scan a1 a STIR on another grid: the lesion and the marrow at the same places in the body."""
    old = {part: nib.load(study.data / f"a1_{part}.nii.gz") for part in ("STIR", "marrow")}
    to_old = np.linalg.inv(oblique_affine()) @ affine
    index = np.rint(to_old[:3, :3] @ np.indices(shape).reshape(3, -1) + to_old[:3, 3:]).astype(int)
    inside = ((index >= 0) & (index < np.array(SHAPE)[:, None])).all(axis=0)
    for part, image in old.items():
        array = np.full(np.prod(shape), 100 if part == "STIR" else 0, np.int16)
        array[inside] = np.asarray(image.dataobj)[tuple(index[:, inside])]
        save(study.data / f"a1_{part}.nii.gz", array.reshape(shape), affine)


def test_a_region_is_carried_onto_a_stir_on_another_grid(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    study.scans, study.readings = study.scans[:1], []
    put_stir_on(study, AXIAL, (36, 36, 24))
    target = "results/small/5_small_regions/a1.nii.gz"
    study.config["disease_region"] = {"resample": True}
    study.write()
    results = tmp_path / "results" / "small"
    snakemake(tmp_path, target, "results/small/3b_disease_region/resampled.tsv", study=study.folder, check=True)
    about = json.loads((results / "3b_disease_region" / "a1.json").read_text())["resampled"]
    assert about["returned_dice"] > 0.8
    assert about["volume_ratio"] == pytest.approx(1, abs=0.1)
    table = pd.read_csv(results / "3b_disease_region" / "resampled.tsv", sep="\t")
    assert table["returned_dice"].tolist() == [about["returned_dice"]]
    region = read_mask(results / "3b_disease_region" / "a1.nii.gz")
    preliminary = read_mask(results / "5_small_regions" / "a1.nii.gz", labels=(0, 1, 2))
    assert preliminary.volume.shape == region.volume.shape == (24, 36, 36)
    assert preliminary.volume.any()
    # The lesion is 6 x 10 x 2 voxels of 0.6 x 0.6 x 3.3 mm in an otherwise dark region.
    assert (preliminary.volume > 0).sum() * preliminary.voxel_mm3 > 0.5 * 120 * 0.6 * 0.6 * 3.3


def test_scans_of_different_places_are_refused(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    study.scans, study.readings = study.scans[:1], []
    put_stir_on(study, AXIAL + np.array([[0, 0, 0, 500.0]] + [[0] * 4] * 3), (36, 36, 24))
    save(study.data / "a1_marrow.nii.gz", np.ones((36, 36, 24)), AXIAL + np.array([[0, 0, 0, 500.0]] + [[0] * 4] * 3))
    study.write()
    target = "results/small/3b_disease_region/a1.nii.gz"
    for resample, message in ((False, "disease_region.resample: true"), (True, "expected two scans of one pelvis")):
        study.config["disease_region"] = {"resample": resample}
        study.write()
        done = snakemake(tmp_path, target, study=study.folder)
        assert message in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
