"""Masks that ITK, 3D Slicer's format and DICOM SEG really wrote are read back voxel by voxel."""

import shutil
from pathlib import Path

import highdicom as hd
import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 its own convention

from dicom_series import write_patient
from small_study import SHAPE, SmallStudy, oblique_affine, save, table
from stored import stored_otherwise
from vhi.exchange.dicom_seg import read_series, segmentation
from vhi.exchange.index_files import find_nifti, why_ignored
from vhi.exchange.tool_masks import read_tool_mask
from vhi.exchange.tool_segments import meant, on_grid
from vhi.io.errors import InputError
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.reading_room.blinding import blind_image
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]
LPS = np.diag([-1.0, -1, 1, 1])
AXES = [  # how the scan and the mask store their axes, each otherwise
    ((0, 1, 2), (False, False, False)), ((2, 0, 1), (True, False, True)), ((1, 2, 0), (False, True, False)),
    ((0, 2, 1), (True, True, True)),
]  # fmt: skip
LABELS = np.zeros(SHAPE, np.uint8)
LABELS[5:9, 30:41, 1:4], LABELS[20, 7, 2] = 1, 2
PART = (slice(4, 25), slice(5, 44), slice(1, 5))


@pytest.fixture(scope="module", params=AXES, ids=str)
def scan(request, tmp_path_factory):
    """A scan stored in one of the orders, with the labels that lie on it in presentation order."""
    folder = tmp_path_factory.mktemp("scan")
    image = np.random.default_rng(3).integers(80, 140, SHAPE)
    path = save(folder / "stir.nii.gz", *stored_otherwise(image, oblique_affine(), *request.param))
    labels = save(folder / "labels.nii.gz", *stored_otherwise(LABELS, oblique_affine(), *request.param), np.uint8)
    return read_scan(path), read_mask(labels, (0, 1, 2)).volume


def back(path, use, *grids):
    drawn = read_tool_mask(path)
    return on_grid(meant(drawn, use), drawn.affine, drawn.path, grids)


def itk_labels(like):
    """Labels as ITK holds them after it read the scan, so that its own writers place them."""
    image = sitk.ReadImage(like.path)
    stored = np.asarray(nib.load(like.path.replace("stir", "labels")).dataobj, np.uint8)
    labels = sitk.GetImageFromArray(stored.T)
    labels.CopyInformation(image)
    return labels


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_nifti_that_itk_wrote(scan, tmp_path, ending):
    sitk.WriteImage(itk_labels(scan[0]), tmp_path / f"mask{ending}")
    mask = read_mask(tmp_path / f"mask{ending}", (0, 1, 2))
    check_same_grid(mask, scan[0])
    np.testing.assert_array_equal(mask.volume, scan[1])


@pytest.mark.parametrize("part", [False, True], ids=["whole", "part"])
def test_nrrd_that_itk_wrote(scan, tmp_path, part):
    labels = itk_labels(scan[0])
    if part:  # a region of interest, as ITK's crop leaves it, with an origin of its own
        boxes = sitk.LabelShapeStatisticsImageFilter()
        boxes.Execute(labels > 0)
        box = boxes.GetBoundingBox(1)
        labels = sitk.RegionOfInterest(labels, box[3:], box[:3])
    sitk.WriteImage(labels, tmp_path / "mask.nrrd", useCompression=True)
    np.testing.assert_array_equal(back(tmp_path / "mask.nrrd", "semiautomatic", scan[0]), scan[1])


def slicer(path, affine, segments, part=None):
    """Write a segmentation as 3D Slicer does: layers where segments overlap, and often the part that holds them."""
    slicerio = pytest.importorskip("slicerio")
    start = [one.start for one in part] if part else [0, 0, 0]
    inner = LPS @ affine
    inner[:3, 3] = inner[:3, :3] @ start + inner[:3, 3]
    first = next(iter(segments.values()))
    made = slicerio.create_segmentation(first[part].shape if part else first.shape, inner)
    made["referenceImageExtentOffset"] = start
    for number, (name, mask) in enumerate(segments.items(), 1):
        slicerio.add_segment(made, mask[part] if part else mask, {"id": f"Segment_{number}", "name": name})
    slicerio.write_segmentation(str(path), made)
    return path


@pytest.mark.parametrize("part", [None, PART], ids=["whole", "part"])
def test_segments_of_3d_slicer_by_name(scan, tmp_path, part):
    """The marrow lies within the region, so that the file has two layers; the scan is stored in another order."""
    segments = {"Normal_Marrow": LABELS == 2, "disease region": LABELS > 0, "notes": LABELS > 5}
    path = slicer(tmp_path / "drawn.seg.nrrd", oblique_affine(), segments, part)
    assert len(set(read_tool_mask(path).segments)) == 3
    np.testing.assert_array_equal(back(path, "normal_marrow", scan[0]), scan[1] == 2)
    np.testing.assert_array_equal(back(path, "disease_region", scan[0]), scan[1] > 0)
    with pytest.raises(
        InputError, match=r"expected one segment, or segments named 'inflammation', found 'Normal_Marrow'"
    ):
        back(path, "manual", scan[0])


def test_a_cleaned_segmentation_of_a_pack_keeps_limits_and_reasons(scan, tmp_path):
    blind = blind_image(scan[0])
    names = {"lower limit": 1, "upper limit": 2, "removed: joint space": 5}
    labels = scan[1].copy()
    labels[0, 0, 0] = 5
    stored = blind.affine
    segments = {name: labels == label for name, label in names.items()}
    path = slicer(tmp_path / "01_preliminary.seg.nrrd", stored, segments)
    np.testing.assert_array_equal(back(path, "semiautomatic", scan[0], blind), labels)
    only = slicer(tmp_path / "02.seg.nrrd", stored, {"Segment_1": labels > 0})
    np.testing.assert_array_equal(back(only, "semiautomatic", scan[0], blind), labels > 0)
    more = slicer(tmp_path / "03.seg.nrrd", stored, segments | {"kept too": labels == 5})
    with pytest.raises(InputError, match=r"'kept too'; rename the one that is meant, and remove or rename the others"):
        back(more, "semiautomatic", scan[0], blind)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A STIR series, and the scan that is converted from it, made from the same numbers."""
    folder = tmp_path_factory.mktemp("series")
    _, stir, marrow = write_patient(folder, "P", ("20240101",))
    (folder / "list.txt").write_text("".join(f"{path}\n" for path in sorted(folder.rglob("IM*_3"))))
    frames = read_series(folder / "list.txt")
    whole = hd.get_volume_from_series(frames)
    path = save(
        folder / "stir.nii.gz", *stored_otherwise(whole.array, LPS @ whole.affine, (2, 1, 0), (False, True, True))
    )
    return frames, stir, marrow, read_scan(path)


def test_dicom_seg_with_some_slices_and_several_segments(series, tmp_path):
    frames, stir, marrow, scan = series
    segments = {
        "Normal marrow": marrow > 0,
        "Inflammation, lower limit": stir > 150,
        "Inflammation, upper limit": stir > 200,
    }
    made = segmentation(frames, segments | {"Disease region": stir > 0}, "drawn", False, "0")
    made.save_as(tmp_path / "drawn.dcm")
    given = np.asarray(scan.volume)
    np.testing.assert_array_equal(
        back(tmp_path / "drawn.dcm", "semiautomatic", scan), 1 * (given > 150) + 1 * (given > 200)
    )
    found = back(tmp_path / "drawn.dcm", "normal_marrow", scan)
    np.testing.assert_array_equal(np.sort(given[found > 0]), np.sort(stir[marrow > 0]))
    lone = segmentation(frames, {"drawn by hand": stir > 200}, "drawn", False, "0")  # two of six slices
    lone.save_as(tmp_path / "lone.dcm")
    np.testing.assert_array_equal(back(tmp_path / "lone.dcm", "manual", scan), given > 200)


def test_masks_that_do_not_fit_are_refused(scan, series, tmp_path):
    labels = itk_labels(scan[0])
    for name, change, told in (
        (
            "moved",
            lambda image: image.SetOrigin([one + 0.3 for one in image.GetOrigin()]),
            r"found 0\.[0-9]+ mm; draw or",
        ),
        ("spaced", lambda image: image.SetSpacing([2 * one for one in image.GetSpacing()]), "on another grid than"),
        (
            "far",
            lambda image: image.SetOrigin(image.TransformIndexToPhysicalPoint([40, 0, 0])),
            "marked voxels lie outside",
        ),
    ):
        moved = sitk.Image(labels)
        change(moved)
        sitk.WriteImage(moved, tmp_path / f"{name}.nrrd")
        with pytest.raises(InputError, match=told):
            back(tmp_path / f"{name}.nrrd", "semiautomatic", scan[0])
    (tmp_path / "torn.nrrd").write_bytes((tmp_path / "moved.nrrd").read_bytes()[:700])
    with pytest.raises(InputError, match="cannot be read as a mask in NRRD"):
        read_tool_mask(tmp_path / "torn.nrrd")
    shutil.copy(series[0][0].filename, tmp_path / "image.dcm")
    with pytest.raises(InputError, match="cannot be read as a DICOM segmentation"):
        read_tool_mask(tmp_path / "image.dcm")
    twice = slicer(tmp_path / "twice.seg.nrrd", oblique_affine(), {"a": LABELS == 1, "b": LABELS == 2})
    twice.write_bytes(twice.read_bytes().replace(b"Segment1_Name:=b", b"Segment1_Name:=a"))
    with pytest.raises(InputError, match="found 'a' more than once"):
        read_tool_mask(twice)


def test_a_study_takes_masks_of_other_tools(tmp_path, snakemake):
    """Marrow by ITK, a region that is part of a file of 3D Slicer, and a cleaned mask that came back to a pack's folder."""
    study = SmallStudy(tmp_path / "small")
    marrow = sitk.ReadImage(study.data / "a1_marrow.nii.gz")
    sitk.WriteImage(marrow, study.data / "a1_marrow.nrrd")
    region = np.asarray(nib.load(study.data / "a2_region.nii.gz").dataobj) > 0
    slicer(study.data / "a2.seg.nrrd", oblique_affine(), {"bone": region, "other": ~region})
    study.scans[0][5], study.scans[1][6] = "a1_marrow.nrrd", "a2.seg.nrrd"
    study.readings[-2][4:] = [None, None]
    records = study.folder / "records"
    (records / "_key").mkdir(parents=True)
    table(
        records / "_key" / "R1.tsv",
        ["pack", "code", "reader", "trial", "scan", "preliminary"],
        [["p", "01", "R1", 1, "a2", "x"]],
    )
    (records / "R1").mkdir()
    lesion = np.zeros(SHAPE, bool)
    lesion[12:18, 10:20, 2:4] = True
    presented = read_scan(study.data / "a2_STIR.nii.gz")
    kept = read_mask(save(tmp_path / "kept.nii.gz", lesion, dtype=np.uint8)).volume > 0
    slicer(
        records / "R1" / "01_preliminary.seg.nrrd",
        blind_image(presented).affine,
        {"lower limit": kept & False, "upper limit": kept},
    )
    study.write()
    names = [
        f"results/small/0_masks/{name}.nii.gz"
        for name in ("a1_normal_marrow", "a2_disease_region", "a2_R1_1_semiautomatic")
    ]
    assert [one["made"] for one in load_study(ROOT, str(study.folder)).tool_masks.values()] == names
    snakemake(tmp_path, *names, study=study.folder, check=True)
    made = [np.asarray(nib.load(tmp_path / name).dataobj) for name in names]
    np.testing.assert_array_equal(made[0], sitk.GetArrayFromImage(marrow).T)
    np.testing.assert_array_equal(made[1], region)
    np.testing.assert_array_equal(made[2], 2 * lesion)
    study.scans[0][5] = "a1_marrow.nhdr"
    (study.data / "a1_marrow.nhdr").write_text("NRRD0004\n")
    study.write()
    with pytest.raises(InputError, match=r"save it as \.nrrd"):
        load_study(ROOT, str(study.folder))


def test_an_index_finds_nrrd_masks_and_refuses_nrrd_scans(tmp_path):
    names = (
        "P01/pre_T1w.nii.gz",
        "P01/pre_STIR.nrrd",
        "P01/pre_STIR_normal_marrow.seg.nrrd",
        "P01/pre_disease_region.nrrd",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, ignored = find_nifti(tmp_path)
    assert {(one.subject, one.session, one.image) for one in found} == {
        ("P01", "pre", image) for image in ("t1w", "normal_marrow", "disease_region")
    }
    assert [path.name for path in ignored] == ["pre_STIR.nrrd"]
    assert "must be a NIfTI file" in why_ignored("P01/pre_STIR.nrrd")
