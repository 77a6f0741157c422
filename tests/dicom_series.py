"""Synthetic DICOM series for tests: small oblique coronal MR stacks, written from a seed."""

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from small_study import ANGLE

MR = "1.2.840.10008.5.1.4.1.1.4"
SPACING = (1.25, 1.25, 4.0)  # rows, columns, slices, mm


def write_series(
    folder, array, patient="MRN-4711", day="20240115", description="T1 tse cor obl", number=2, tags=None, study=None,
    origin=(-30.0, -40.0, 20.0), names="IM",
):  # fmt: skip
    """Write an array (slices, rows, columns) as one MR series; rows run down, columns to the patient's left."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    right_to_left = np.array([1.0, 0, 0])
    down = np.array([0, -np.sin(ANGLE), -np.cos(ANGLE)])
    normal = np.cross(right_to_left, down)
    uid = generate_uid(entropy_srcs=[patient, day, str(number), description])
    study = study or generate_uid(entropy_srcs=[patient, day])
    files = []
    for place, plane in enumerate(np.asarray(array, np.uint16)):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = MR
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[uid, str(place)])
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = MR, meta.MediaStorageSOPInstanceUID
        data.PatientID, data.PatientName, data.PatientBirthDate, data.PatientSex = patient, "Doe^Jane", "19800101", "F"
        data.StudyInstanceUID, data.SeriesInstanceUID = study, uid
        data.FrameOfReferenceUID = generate_uid(entropy_srcs=[study, "frame"])
        data.StudyID, data.AccessionNumber, data.ReferringPhysicianName = "1", "A1", "Roe^Richard"
        data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = day
        data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = "101010"
        data.Modality, data.Manufacturer, data.SeriesDescription = "MR", "SYNTHETIC", description
        data.PatientPosition, data.SeriesNumber, data.InstanceNumber = "HFS", number, place + 1
        data.AcquisitionNumber, data.ImageType = 1, ["ORIGINAL", "PRIMARY", "M"]
        data.ScanningSequence, data.SequenceVariant, data.MRAcquisitionType = "SE", "SK", "2D"
        data.RepetitionTime, data.EchoTime, data.MagneticFieldStrength = 600, 12, 1.5
        data.Rows, data.Columns = plane.shape
        data.PixelSpacing = [SPACING[0], SPACING[1]]
        data.SliceThickness = data.SpacingBetweenSlices = SPACING[2]
        data.ImageOrientationPatient = [*right_to_left, *down]
        data.ImagePositionPatient = [float(value) for value in np.array(origin) + place * SPACING[2] * normal]
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
        data.PixelData = plane.tobytes()
        for tag, value in (tags or {}).items():
            setattr(data, tag, value)
        # File names that say nothing of the order, as scanners' exports have them.
        path = folder / f"{names}{(place * 7) % 1000:04d}_{number}"
        pydicom.dcmwrite(path, data, enforce_file_format=True)
        files.append(path)
    return files


SHAPE = (6, 40, 48)


def arrays():
    """T1w, STIR and normal marrow (slices, rows, columns) with a lesion."""
    rng = np.random.default_rng(11)
    stir = rng.integers(80, 140, SHAPE)
    stir[2:4, 8:14, 10:22] += 120
    marrow = np.zeros(SHAPE, np.uint8)
    marrow[1:5, 30:36, 20:26] = 1
    stir[marrow > 0] = rng.integers(80, 140, int(marrow.sum()))
    return rng.integers(100, 900, SHAPE), stir, marrow


def write_patient(folder, patient="MRN-4711", days=("20240115", "20240410")):
    """Two examinations of a patient: localiser, T1w and STIR in one folder each, files mixed."""
    t1w, stir, marrow = arrays()
    for day in days:
        where = Path(folder) / patient / day
        write_series(where, t1w[2:4], patient, day, "localizer", 1)
        write_series(where, t1w, patient, day, "T1 tse cor obl", 2)
        tirm = {"ScanningSequence": ["SE", "IR"], "InversionTime": 160, "RepetitionTime": 4000, "EchoTime": 60}
        write_series(where, stir, patient, day, "TIRM cor obl", 3, tirm)
    return t1w, stir, marrow
