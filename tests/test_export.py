"""Export: BIDS derivatives with sidecars, and DICOM SEG that lies on the series it came from."""

import io
import json
import shutil
import time

import highdicom as hd
import nibabel as nib
import numpy as np
import pandas as pd
import pydicom
import pytest

from dicom_series import arrays, write_patient
from indexing import index, table_of
from small_study import SmallStudy, save, table
from vhi.exchange import bids
from vhi.exchange.dicom_seg import onto_frames, read_series, segmentation
from vhi.io.errors import InputError
from vhi.io.images import read_mask


def test_labels_of_bids_are_letters_and_digits():
    assert bids.label("P-01_b") == "P01b"
    with pytest.raises(InputError, match="would both be sub-P01"):
        bids.check_labels({"P-01", "P01"})


@pytest.fixture(scope="module")
def exported(tmp_path_factory, snakemake):
    """A cohort that came as DICOM, indexed, segmented, cleaned by R1 (nothing removed), and exported."""
    folder = tmp_path_factory.mktemp("exported")
    write_patient(folder / "dicom", "MRN-4711", ("20240115",))
    index(folder, "--study", "./own", "--from", "dicom")
    data, row = folder / "data" / "own", table_of(folder / "own" / "scans.tsv")[0]
    stir = nib.load(data / row["stir"])
    # Masks are drawn on the converted scans: marrow where the STIR has no lesion, all bone.
    array = np.asarray(stir.dataobj)
    marrow = np.zeros(array.shape, np.uint8)
    axes = [slice(2, -2)] * 3
    marrow[tuple(axes)] = (array[tuple(axes)] < 140) & (np.indices(array[tuple(axes)].shape)[0] % 4 == 0)
    save(data / "S01" / f"{row['scan']}_normal_marrow.nii.gz", marrow, stir.affine, np.uint8)
    save(data / "S01" / f"{row['scan']}_disease_region.nii.gz", np.ones(array.shape), stir.affine, np.uint8)
    index(folder, "--study", "./own", "--from", "dicom", "--update")
    snakemake(folder, "results/own/5_small_regions/S01_pre.nii.gz", study="./own", check=True)
    shutil.copy(folder / "results/own/5_small_regions/S01_pre.nii.gz", data / "cleaned.nii.gz")
    columns = ["scan", "reader", "trial", "method", "mask", "vhi_voxels"]
    table(folder / "own" / "readings.tsv", columns, [["S01_pre", "R1", 1, "semiautomatic", "cleaned.nii.gz", None]])
    snakemake(folder, "export", study="./own", check=True)
    return folder


@pytest.mark.slow
def test_segmentations_lie_where_the_dicom_pixels_are(exported):
    _, stir, _ = arrays()
    results = exported / "results" / "own"
    frames = read_series(exported / "data/own/dicom/S01_pre_STIR.txt")
    np.testing.assert_array_equal(np.stack([frame.pixel_array for frame in frames]), stir)
    made = hd.seg.segread(results / "export/dicom/S01_pre_R1trial1.dcm")
    found = made.get_pixels_by_source_instance(
        [frame.SOPInstanceUID for frame in frames], ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    assert [one.SegmentLabel for one in made.SegmentSequence] == [
        "Inflammation, lower limit", "Inflammation, upper limit", "Disease region",
    ]  # fmt: skip
    limit = json.loads((results / "2_threshold" / "S01_pre.json").read_text())
    lesion = np.zeros(stir.shape, bool)
    lesion[2:4, 8:14, 10:22] = True
    upper = found[..., 1] > 0
    # Every voxel of the lesion that reaches the limit is in it, pixel by pixel of the original series.
    np.testing.assert_array_equal(upper & lesion, (stir >= limit["upper"]) & lesion)
    assert upper[lesion].mean() > 0.9
    assert (found[..., 2] > 0).all()
    assert (made.SegmentAlgorithmType if "SegmentAlgorithmType" in made else made.SegmentSequence[0].SegmentAlgorithmType) == (
        "SEMIAUTOMATIC"
    )  # fmt: skip
    assert made.StudyInstanceUID == frames[0].StudyInstanceUID
    assert made.FrameOfReferenceUID == frames[0].FrameOfReferenceUID
    assert {item.ReferencedSOPInstanceUID for item in made.ReferencedSeriesSequence[0].ReferencedInstanceSequence} <= {
        frame.SOPInstanceUID for frame in frames
    }


def test_two_exports_are_the_same_bytes(tmp_path, monkeypatch):
    _, stir, _ = write_patient(tmp_path, "P", ("20240101",))
    (tmp_path / "list.txt").write_text("".join(f"{path}\n" for path in sorted(tmp_path.rglob("IM*_3"))))
    frames, made = read_series(tmp_path / "list.txt"), []
    for _ in range(2):
        out = io.BytesIO()
        segmentation(frames, {"Inflammation": stir > 200, "Disease region": stir > 0}, "x", True, "0").save_as(out)
        made.append(out.getvalue())
        time.sleep(1.1)  # whatever carries the clock differs by now
    assert made[0] == made[1]


@pytest.mark.slow
def test_a_bids_dataset_that_pybids_reads(exported):
    from bids import BIDSLayout

    folder = exported / "results" / "own" / "export" / "bids"
    layout = BIDSLayout(folder, validate=False, is_derivative=True)
    names = {path.filename for path in layout.get(extension=".nii.gz")}
    assert names == {
        "sub-S01_ses-pre_desc-diseaseregion_mask.nii.gz",
        "sub-S01_ses-pre_acq-STIR_desc-preliminary_dseg.nii.gz",
        "sub-S01_ses-pre_acq-STIR_desc-R1trial1_dseg.nii.gz",
    }
    image = layout.get(desc="R1trial1", extension=".nii.gz")[0]
    about = image.get_metadata()
    assert about["Sources"][1] == "bids::sub-S01/ses-pre/anat/sub-S01_ses-pre_acq-STIR_desc-preliminary_dseg.nii.gz"
    assert about["GeneratedBy"][0]["Name"] == "V_HI workflow"
    description = json.loads((folder / "dataset_description.json").read_text())
    assert description["DatasetType"] == "derivative"
    source = about["Sources"][0].removeprefix("bids:scans:")
    assert (folder / description["DatasetLinks"]["scans"] / source).is_file()
    assert read_mask(image.path, (0, 1, 2)).volume.any()
    phenotype = pd.read_csv(folder / "phenotype" / "vhi.tsv", sep="\t")
    assert phenotype["participant_id"].tolist() == ["sub-S01"]
    assert phenotype["vhi_voxels"][0] == (read_mask(image.path, (0, 1, 2)).volume > 0).sum()
    listed = pd.read_csv(exported / "results/own/export/exported.tsv", sep="\t")
    assert listed["format"].value_counts().to_dict() == {"BIDS derivative": 4, "DICOM SEG": 2}


@pytest.mark.slow
def test_another_series_is_refused(tmp_path, exported):
    frames = read_series(exported / "data/own/dicom/S01_pre_STIR.txt")
    labels = read_mask(exported / "results/own/5_small_regions/S01_pre.nii.gz", (0, 1, 2))
    frames[0].ImagePositionPatient = [value + 0.5 for value in frames[0].ImagePositionPatient]
    with pytest.raises(InputError, match="not the pixels of DICOM series"):
        onto_frames(labels, frames)
    (tmp_path / "list.txt").write_text("gone.dcm\n")
    with pytest.raises(InputError, match="no such DICOM file"):
        read_series(tmp_path / "list.txt")
    (tmp_path / "gone.dcm").write_bytes(b"x" * 200)
    with pytest.raises(InputError, match="cannot be read as a DICOM image"):
        read_series(tmp_path / "list.txt")
    (tmp_path / "list.txt").write_text("")
    with pytest.raises(InputError, match="expected DICOM files"):
        read_series(tmp_path / "list.txt")


def test_a_study_without_dicom_exports_bids_alone(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    done = snakemake(tmp_path, "-n", "export", study=study.folder, check=True)
    told = done.stdout + done.stderr
    assert "bids_derivative" in told
    assert "dicom_seg" not in told


def test_dicom_of_the_tests_is_read_back(tmp_path):
    write_patient(tmp_path, "P", ("20240101",))
    header = pydicom.dcmread(next(tmp_path.rglob("IM*_3")))
    assert header.SeriesDescription == "TIRM cor obl"
