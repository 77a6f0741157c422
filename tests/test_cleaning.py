"""Step (vi): a cleaned mask against its preliminary segmentation."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhi.cleaning.applying import apply_record
from vhi.cleaning.masks import describe_cleaning, measure, record_of_mask
from vhi.inflammation import label_regions
from vhi.io.errors import InputError


def check_cleaned(cleaned, preliminary, **settings):
    """From mask to record to mask, as the workflow does."""
    record = record_of_mask(cleaned, preliminary, **settings)
    about = describe_cleaning(record, preliminary)
    return SimpleNamespace(
        labels=apply_record(record, preliminary),
        regions=about["regions_before"],
        removed=about["regions_removed"],
        cut=about["regions_cut"],
        added_voxels=about["added_voxels"],
        record=record,
    )


@pytest.fixture
def preliminary():
    labels = np.zeros((3, 12, 14), np.uint8)
    labels[0, 1:4, 1:5] = 1
    labels[0, 2, 2] = 2
    labels[0, 8:10, 8:12] = 1
    labels[1, 2:6, 2:6] = 2
    labels[2, 9:11, 1:9] = 1
    labels[2, 1:3, 10:13] = 1
    return labels


def test_whole_regions_removed(preliminary):
    kept = preliminary.copy()
    kept[0, 8:10, 8:12] = 0
    found = check_cleaned(kept, preliminary)
    assert (found.regions, found.removed, found.cut, found.added_voxels) == (5, 1, [], 0)
    np.testing.assert_array_equal(found.labels, kept)


def test_a_binary_mask_gets_the_labels_of_the_preliminary(preliminary):
    found = check_cleaned((preliminary > 0).astype(np.uint8), preliminary)
    np.testing.assert_array_equal(found.labels, preliminary)


def test_a_cut_region_is_listed(preliminary):
    kept = preliminary.copy()
    kept[2, 9:11, 5:9] = 0
    assert check_cleaned(kept, preliminary).cut == [{"slice": 2, "voxels_before": 16, "voxels_kept": 8}]


def test_added_voxels_are_refused_or_reported(preliminary):
    kept = preliminary.copy()
    kept[1, 10, 10] = 1
    with pytest.raises(InputError, match="1 of 59 voxels lie outside"):
        check_cleaned(kept, preliminary)
    found = check_cleaned(kept, preliminary, added_voxels="report")
    assert found.added_voxels == 1
    assert found.labels[1, 10, 10] == 1


def test_a_mask_with_many_added_voxels_is_another_scans(preliminary):
    kept = np.zeros_like(preliminary)
    kept[1, 7:, 7:] = 1
    with pytest.raises(InputError, match=r"allowed: a share of 0\.1"):
        check_cleaned(kept, preliminary, added_voxels="report")
    assert check_cleaned(kept, preliminary, added_voxels="report", max_added_share=1).added_voxels == 35


def test_a_flip_with_a_stray_voxel_is_still_a_flip(preliminary):
    kept = preliminary.copy()
    kept[1, 11, 13] = 1
    with pytest.raises(InputError, match="flipped along rows"):
        check_cleaned(np.flip(kept, 1), preliminary, added_voxels="report")


@pytest.mark.parametrize(("axes", "named"), [((0,), "slices"), ((2,), "columns"), ((1, 2), "rows and columns")])
def test_a_flip_is_found_and_named(preliminary, axes, named):
    kept = preliminary.copy()
    kept[2] = 0
    with pytest.raises(InputError, match=f"flipped along {named}:"):
        check_cleaned(np.flip(kept, axes), preliminary, added_voxels="report")


def test_changed_labels_are_refused(preliminary):
    kept = preliminary.copy()
    kept[0, 1, 1] = 2
    with pytest.raises(InputError, match="1 voxels have another label"):
        check_cleaned(kept, preliminary)


def test_painted_reasons_are_taken_over(preliminary):
    cleaned = preliminary.copy()
    cleaned[1] = np.where(preliminary[1] > 0, 3, 0)  # vessel
    cleaned[2, 9:11, 5:9] = 4  # artefact, a part
    found = check_cleaned(cleaned, preliminary)
    assert found.record["removed"] == [{"region": 3, "reason": "vessel"}]
    assert [(cut["region"], cut["reason"]) for cut in found.record["cuts"]] == [(5, "artefact")]
    np.testing.assert_array_equal(found.labels, np.where(cleaned > 2, 0, preliminary))


def test_many_cut_regions_are_another_preliminary():
    labels = np.zeros((1, 20, 20), np.uint8)
    for row in range(0, 20, 4):
        labels[0, row : row + 2, 2:10] = 1
    kept = labels.copy()
    kept[:, :, 2] = 0
    with pytest.raises(InputError, match="another preliminary segmentation"):
        check_cleaned(kept, labels)
    assert len(check_cleaned(kept, labels, max_cut_share=1).cut) == 5


def test_everything_or_nothing_removed(preliminary):
    nothing = check_cleaned(np.zeros_like(preliminary), preliminary)
    assert (nothing.removed, measure(nothing.labels, "lower")["vhi_voxels"]) == (5, 0)
    assert check_cleaned(np.zeros_like(preliminary), np.zeros_like(preliminary)).regions == 0


@given(st.sets(st.integers(1, 5)))
def test_voxels_are_conserved(removed):
    labels = np.zeros((1, 11, 9), np.uint8)
    for number, row in enumerate(range(0, 10, 2)):
        labels[0, row, : number + 4] = 1 + number % 2
    regions, _ = label_regions(labels)
    kept = np.where(np.isin(regions, list(removed)), 0, labels)
    found = check_cleaned(kept, labels)
    gone = np.isin(regions, list(removed)) & (labels > 0)
    assert found.removed == len(removed)
    assert np.count_nonzero(found.labels) + np.count_nonzero(gone) == np.count_nonzero(labels)


def test_measure_counts_by_limit(preliminary):
    lower, upper = measure(preliminary, "lower"), measure(preliminary, "upper")
    assert lower["vhi_voxels"] == lower["lower_only_voxels"] + lower["upper_voxels"] == np.count_nonzero(preliminary)
    assert upper["vhi_voxels"] == upper["upper_voxels"] == 17
    assert (lower["regions"], upper["regions"]) == (5, 2)
