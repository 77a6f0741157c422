"""Readers as models: cleaning, drawing by hand, SPARCC."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.ndimage import label

from vhi.simulation.accuracy import error_by_cut, voxels_by_cut
from vhi.simulation.disease import Reason
from vhi.simulation.drawing import draw
from vhi.simulation.explain import TRUE_OEDEMA
from vhi.simulation.opinions import Reader, two_readers
from vhi.simulation.readers import clean, label_slices
from vhi.simulation.scan import draw_subject, simulate
from vhi.simulation.scoring import score, sparcc_total

SEED = 20230419
SHAPE = (128, 128, 15)
NAME = "sim28_pre"


@pytest.fixture(scope="module")
def scan():
    return simulate(draw_subject("sim28", SEED), "pre", SEED, SHAPE)


@pytest.fixture(scope="module")
def preliminary(scan):
    marrow = scan.stir[scan.normal_marrow]
    return (scan.stir > np.median(marrow) + 3 * marrow.std()) & scan.disease_region


def perfect():
    reader = Reader("R1")
    return replace(
        reader, keeps=dict.fromkeys(reader.keeps, 0.0), keeps_near_joint=0.0, faint=1e-9, slips=0.0, cuts_joint=0.0
    )


def test_cleaning_only_removes(scan, preliminary):
    for reader in two_readers():
        cleaned, causes = clean(scan, preliminary, reader, SEED, NAME)
        assert not (cleaned & ~preliminary).any()
        assert causes["voxels"].sum() == preliminary.sum()
        assert causes["kept_voxels"].sum() == cleaned.sum()
        assert causes["true_voxels"].sum() == (preliminary & scan.truth.inflammation).sum()
        assert set(causes["error"]) <= {"", "anatomical", "morphological", "artefact"}


def test_a_perfect_reader_keeps_lesions_and_nothing_else(scan, preliminary):
    cleaned, causes = clean(scan, preliminary, perfect(), SEED, NAME)
    assert set(causes.loc[causes["kept"], "reason"]) == {"lesion"}
    assert (causes["error"] == "").all()
    hit = cleaned & scan.truth.inflammation
    assert hit.sum() > 0.9 * (preliminary & scan.truth.inflammation).sum()


def test_regions_are_kept_or_removed_whole(scan, preliminary):
    reader = replace(two_readers()[0], cuts_joint=0.0)
    cleaned, _ = clean(scan, preliminary, reader, SEED, NAME)
    labels, count = label_slices(preliminary)
    size = np.bincount(labels.ravel(), minlength=count + 1)
    kept = np.bincount(labels.ravel(), cleaned.ravel(), minlength=count + 1)
    assert (((kept == 0) | (kept == size))[1:]).all()


def test_only_joint_and_foramen_are_cut_off(scan, preliminary):
    whole, _ = clean(scan, preliminary, replace(two_readers()[0], cuts_joint=0.0), SEED, NAME)
    cut, _ = clean(scan, preliminary, replace(two_readers()[0], cuts_joint=1.0), SEED, NAME)
    reasons = set(scan.truth.reason[whole & ~cut].tolist())
    assert reasons <= {Reason.JOINT, Reason.FORAMEN}


def test_readings_repeat_and_readers_differ(scan, preliminary):
    first, second = two_readers()
    one, again, other = (clean(scan, preliminary, r, SEED, NAME)[0] for r in (first, first, second))
    assert (one == again).all()
    assert (one != other).any()
    drawn = [draw(scan, first, trial, SEED, NAME) for trial in (1, 1, 2)]
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()


def test_hand_drawn_lesions_lie_on_lesions(scan):
    for reader in two_readers():
        drawn = draw(scan, reader, 1, SEED, NAME)
        assert drawn.any()
        assert not (drawn & ~scan.disease_region).any()
        assert (drawn & (scan.truth.oedema > 0)).sum() > 0.4 * drawn.sum()


def test_empty_preliminary_stays_empty(scan):
    cleaned, causes = clean(scan, np.zeros(SHAPE, dtype=bool), two_readers()[0], SEED, NAME)
    assert not cleaned.any()
    assert causes.empty


@settings(max_examples=30, deadline=None)
@given(arrays(bool, (7, 6, 3)))
def test_label_slices_counts_eight_connected_regions_by_slice(mask):
    labels, count = label_slices(mask)
    assert count == sum(label(mask[:, :, k], np.ones((3, 3)))[1] for k in range(3))
    assert set(np.unique(labels[mask])) == set(range(1, count + 1))
    assert not labels[~mask].any()


def test_sparcc_sheet_keeps_the_rules(scan):
    for reader in two_readers():
        sheet = score(scan, reader, SEED, NAME)
        assert sheet["slice"].tolist() == [number for number in range(1, 7) for _ in range(2)]
        assert set(sheet["side"]) == {"right", "left"}
        parts = sheet[["q1", "q2", "q3", "q4", "depth", "intensity"]]
        assert set(np.unique(parts)) <= {0, 1}
        positive = parts[["q1", "q2", "q3", "q4"]].any(axis=1)
        assert not parts.loc[~positive, ["depth", "intensity"]].to_numpy().any()
        assert parts.sum(axis=1).groupby(sheet["slice"]).sum().max() <= 12
        assert 0 <= sparcc_total(sheet) <= 72
        assert sparcc_total(sheet) == parts.to_numpy().sum()


def test_sparcc_of_a_healthy_and_of_a_filled_pelvis(scan):
    def with_oedema(value):
        filled = np.full(SHAPE, value, dtype=np.float32)
        return replace(scan, truth=replace(scan.truth, oedema=filled))

    sure = replace(Reader("R1"), score_noise=0.0)
    assert sparcc_total(score(with_oedema(0.0), sure, SEED, NAME)) == 0
    assert sparcc_total(score(with_oedema(1.0), sure, SEED, NAME)) >= 68  # a joint may leave the last slice


def test_the_difference_from_the_truth_is_given_for_every_cut_that_may_define_it(scan, preliminary):
    by_cut = voxels_by_cut(scan.truth.oedema)
    assert by_cut[f"{TRUE_OEDEMA:.2f}"] == scan.truth.inflammation.sum()
    vhi = [int(clean(scan, preliminary, reader, SEED, NAME)[0].sum()) for reader in two_readers()]
    accuracy = pd.DataFrame({"scan": [NAME, NAME], "vhi_voxels": vhi})
    table = error_by_cut(accuracy, {NAME: by_cut}).set_index("cut")
    assert table.index[[0, -1]].tolist() == [0.05, 0.25]
    assert table["mean_error_voxels"].is_monotonic_increasing  # the less counts as truth, the larger V_HI looks
    assert table.loc[TRUE_OEDEMA, "mean_error_voxels"] == np.mean(vhi) - scan.truth.inflammation.sum()
    assert table.index[table["in_use"] == "yes"].tolist() == [TRUE_OEDEMA]
    assert set(table["readings"]) == {2}
