"""Reading and writing images: what is damaged is told in one message."""

import gzip
import struct

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings

from small_study import SHAPE, oblique_affine, save
from stored import ORDERS, stored_otherwise
from vhi.io.errors import InputError
from vhi.io.images import check_same_grid, read_mask, read_scan, write_labels


@pytest.fixture
def scan(tmp_path):
    return save(tmp_path / "stir.nii.gz", np.arange(np.prod(SHAPE)).reshape(SHAPE) % 1000, slope=2.5)


def test_intensities_carry_the_scale_of_the_header(scan):
    image = read_scan(scan)
    assert image.volume.shape == (6, 48, 48)
    assert image.volume.max() == 2.5 * 999
    assert image.voxel_mm3 == pytest.approx(0.6 * 0.6 * 3.3)
    assert image.spacing_mm == pytest.approx((3.3, 0.6, 0.6))


@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [(2, 5, (5, 2003)), (-1, 0, (-999, 0)), (0, 7, (0, 999)), (np.nan, 7, (0, 999)), (np.inf, 0, (0, 999))],
)
def test_slope_and_intercept_count_unless_the_standard_says_that_they_do_not(tmp_path, slope, intercept, expected):
    content = bytearray(save(tmp_path / "x.nii", np.arange(np.prod(SHAPE)).reshape(SHAPE) % 1000).read_bytes())
    struct.pack_into("<ff", content, 112, slope, intercept)
    (tmp_path / "x.nii").write_bytes(content)
    volume = read_scan(tmp_path / "x.nii").volume
    assert (volume.min(), volume.max()) == expected


@pytest.mark.parametrize(
    ("kind", "order"), [(nib.Nifti1Image, ">"), (nib.Nifti2Image, "<"), (nib.Nifti2Image, ">"), (nib.Nifti1Image, "<")]
)
def test_byte_order_and_version_of_the_format_change_nothing(tmp_path, scan, kind, order):
    image, affine = read_scan(scan), oblique_affine()
    stored = (np.arange(np.prod(SHAPE)).reshape(SHAPE) % 1000).astype(f"{order}i2")
    file = kind(stored, affine, kind.header_class(endianness=order))
    file.set_qform(affine, 1)
    file.set_sform(affine, 1)
    nib.save(file, tmp_path / "other.nii.gz")
    other = read_scan(tmp_path / "other.nii.gz")
    np.testing.assert_array_equal(other.volume * 2.5, image.volume)
    write_labels(tmp_path / "labels.nii.gz", other.volume > 500, other)
    labels = read_mask(tmp_path / "labels.nii.gz")
    check_same_grid(labels, image)
    np.testing.assert_array_equal(labels.volume > 0, other.volume > 500)


@pytest.mark.parametrize("slices", [1, 2])
def test_one_and_two_slices(tmp_path, slices):
    image = read_scan(save(tmp_path / "thin.nii.gz", np.ones((48, 40, slices))))
    assert image.volume.shape == (slices, 40, 48)


def test_labels_keep_geometry_codes_and_units_and_drop_the_free_text(tmp_path, scan):
    file = nib.load(scan)
    stored = file.get_fdata()
    file.header["descrip"] = b"TE=60;Time=131411.990"
    file.header["sform_code"] = 0
    scan = scan.with_name("timed.nii.gz")
    nib.save(file, scan)
    image = read_scan(scan)
    write_labels(tmp_path / "out.nii.gz", image.volume > 500, like=image)
    written = nib.load(tmp_path / "out.nii.gz")
    np.testing.assert_array_equal(np.asarray(written.dataobj), stored > 500)
    np.testing.assert_allclose(written.affine, nib.load(scan).affine, atol=1e-6)
    assert written.get_data_dtype() == np.uint8
    for key in ("qform_code", "sform_code", "xyzt_units"):
        assert written.header[key] == nib.load(scan).header[key]
    assert bytes(written.header["descrip"]).strip(b"\0") == b""


def test_written_files_are_the_same_bytes_each_time(tmp_path, scan):
    image = read_scan(scan)
    for name in ("a.nii.gz", "b.nii.gz"):
        write_labels(tmp_path / name, image.volume > 500, like=image)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nii.gz", "b.nii.gz", "stir.nii.gz"]


@settings(max_examples=12, deadline=None)
@given(ORDERS)
def test_a_scan_stored_otherwise_is_the_same_scan(tmp_path_factory, storage):
    folder = tmp_path_factory.mktemp("stored")
    stored = np.random.default_rng(1).integers(0, 900, SHAPE)
    other, affine = stored_otherwise(stored, oblique_affine(), *storage)
    one, same = read_scan(save(folder / "a.nii", stored)), read_scan(save(folder / "b.nii", other, affine))
    np.testing.assert_array_equal(one.volume, same.volume)
    check_same_grid(same, one)
    write_labels(folder / "labels.nii", one.volume > 500, like=same)
    np.testing.assert_array_equal(nib.load(folder / "labels.nii").get_fdata(), other > 500)


def refused(read, path, *words):
    with pytest.raises(InputError) as told:
        read(path)
    message = str(told.value)
    assert str(path) in message
    assert "\n" not in message
    for word in words:
        assert word in message


def test_absent(tmp_path):
    refused(read_scan, tmp_path / "no.nii.gz", "no such file")


def test_truncated(scan):
    scan.write_bytes(scan.read_bytes()[:-2000])
    refused(read_scan, scan, "truncated")


def test_not_nifti(tmp_path):
    path = tmp_path / "words.nii.gz"
    path.write_bytes(gzip.compress(b"these are words"))
    refused(read_scan, path, "cannot be read as NIfTI")
    path.write_bytes(b"")
    refused(read_scan, path, "cannot be read as NIfTI")


def test_nan(tmp_path):
    array = np.ones(SHAPE)
    array[0, 0, :2] = np.nan
    refused(read_scan, save(tmp_path / "nan.nii.gz", array, dtype=np.float32), "2 voxels", "NaN")


def test_four_dimensions(tmp_path):
    path = save(tmp_path / "series.nii.gz", np.ones((*SHAPE, 2)))
    refused(read_scan, path, "3D", "4D")


def test_a_fourth_dimension_of_one_is_a_volume(tmp_path):
    assert read_scan(save(tmp_path / "one.nii.gz", np.ones((*SHAPE, 1)))).volume.shape == (6, 48, 48)


def test_qform_and_sform_in_conflict(scan):
    file = nib.load(scan)
    moved = file.affine.copy()
    moved[0, 3] += 0.5
    file.header.set_sform(moved, 1)
    path = scan.with_name("moved.nii")
    file.header["vox_offset"] = 352
    path.write_bytes(file.header.binaryblock + b"\0" * 4 + np.zeros(SHAPE, np.int16).tobytes())
    refused(read_scan, path, "qform and sform disagree by 0.5 mm")


def test_no_orientation(tmp_path):
    image = nib.Nifti1Image(np.zeros(SHAPE, np.int16), None)
    nib.save(image, tmp_path / "bare.nii")
    refused(read_scan, tmp_path / "bare.nii", "neither qform nor sform")


def test_isotropic_needs_a_slice_axis(tmp_path):
    path = save(tmp_path / "cube.nii", np.zeros(SHAPE), oblique_affine((1, 1, 1)))
    refused(read_scan, path, "slice_axis")
    assert read_scan(path, slice_axis=2).volume.shape == (6, 48, 48)


def test_labels_that_are_not_whole(tmp_path):
    array = np.zeros(SHAPE)
    array[1, 1, 1] = 0.4
    refused(read_mask, save(tmp_path / "soft.nii.gz", array, dtype=np.float32), "whole numbers", "0.4")


def test_unknown_labels(tmp_path):
    array = np.zeros(SHAPE)
    array[1, 1, 1:3] = 3, 7
    refused(read_mask, save(tmp_path / "many.nii.gz", array), "among 0, 1", "found 3, 7")


def test_another_grid(tmp_path, scan):
    image = read_scan(scan)
    moved = oblique_affine(origin=(30.2, 10, -20))
    with pytest.raises(InputError, match=r"another grid.*corner voxels must agree within 0.1 mm, found 0.2 mm"):
        check_same_grid(read_mask(save(tmp_path / "moved.nii", np.zeros(SHAPE), moved)), image)
    with pytest.raises(InputError, match="another grid"):
        check_same_grid(read_mask(save(tmp_path / "small.nii", np.zeros((48, 48, 5)))), image)
    check_same_grid(
        read_mask(save(tmp_path / "close.nii", np.zeros(SHAPE), oblique_affine(origin=(30.01, 10, -20)))), image
    )
