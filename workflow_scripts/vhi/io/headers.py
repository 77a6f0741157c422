"""What the header of a NIfTI file must say before its voxels are read."""

from pathlib import Path

import nibabel as nib
import numpy as np

from vhi.io import orientation
from vhi.io.errors import InputError

GRID_TOLERANCE_MM = 0.1  # the study's own T1w, STIR and masks agree to 0.0103 mm at the worst corner
# About 48 times the study's own scans, and 1 GiB as float64. A header may state any size, and a small gzip file may unpack to
# any, so that the size is judged before a voxel is read.
MOST_VOXELS = 512**3


def volume_shape(path: Path, file: nib.spatialimages.SpatialImage) -> tuple[int, ...]:
    """Give the shape of a file's one volume; `InputError` where it is no grey scale volume in one NIfTI file."""
    if not isinstance(file, nib.Nifti1Image):
        pair = "a pair of files (.hdr, .img)" if isinstance(file, nib.AnalyzeImage) else type(file).__name__
        raise InputError(f"{path}: expected one NIfTI file (.nii, .nii.gz), found {pair}; convert it (dcm2niix)")
    shape = file.shape[:3] if file.shape[3:] == (1,) else file.shape
    if len(shape) != 3:
        raise InputError(
            f"{path}: expected one volume (3D), found {len(shape)}D of shape {tuple(shape)}; split the series"
        )
    if min(shape) < 1 or np.prod(shape, dtype=float) > MOST_VOXELS:
        raise InputError(
            f"{path}: expected 1 to {MOST_VOXELS} voxels, found a header of shape {tuple(shape)}: damaged, or no scan; "
            "export it again"
        )
    kind = file.get_data_dtype()
    if kind.kind not in "iuf":
        what = "colours (RGB)" if kind.fields else f"numbers of type {kind}"
        raise InputError(f"{path}: expected one grey value a voxel, found {what}; export it again as grey scale")
    if file.dataobj.offset < file.header.single_vox_offset:
        raise InputError(
            f"{path}: its header places the voxels at byte {file.dataobj.offset}, inside the header itself: damaged; "
            "export it again"
        )
    return shape


def affine_of(path: Path, file: nib.Nifti1Image, shape: tuple[int, ...]) -> np.ndarray:
    """Give the affine of a file; `InputError` where it has none, is singular, or qform and sform disagree."""
    header = file.header
    if header["qform_code"] == 0 and header["sform_code"] == 0:
        raise InputError(
            f"{path}: neither qform nor sform is set, so that its orientation is unknown; convert the scan again from "
            "DICOM (dcm2niix)"
        )
    if header["qform_code"] > 0 and header["sform_code"] > 0:
        try:
            qform = header.get_qform()
        except ValueError:  # a quaternion that is none
            raise InputError(
                f"{path}: its qform is damaged (no rotation); export the scan again, or set its code to 0"
            ) from None
        distance = orientation.corner_distance(qform, header.get_sform(), shape)
        if not distance <= GRID_TOLERANCE_MM:
            raise InputError(
                f"{path}: qform and sform disagree by {distance:.3g} mm at a corner (allowed: {GRID_TOLERANCE_MM}); "
                "one of them is wrong: set the wrong one's code to 0"
            )
    affine = np.asarray(file.affine, float)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise InputError(f"{path}: its affine is singular: expected three independent axes; export the scan again")
    return affine
