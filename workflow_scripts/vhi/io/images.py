"""Read and write the study's images: NIfTI files in, volumes in presentation order out, and back.

Every check that a scan or mask must pass before it is used is here and in `headers`, so that a bad file ends in one message.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import nibabel as nib
import numpy as np

from vhi.io import orientation
from vhi.io.errors import InputError, naming
from vhi.io.files import replacing
from vhi.io.headers import GRID_TOLERANCE_MM, affine_of, volume_shape
from vhi.io.labels import check_labels


@dataclass(frozen=True)
class Image:
    """A scan or a mask in presentation order, with what is needed to write on its grid.

    Attributes
    ----------
    path : str
        Where it was read.
    volume : (slices, rows, columns) array
        float64 intensities with the header's scale applied, or uint8 labels.
    order : orientation.Order
        How the file stores its axes.
    header : nibabel.Nifti1Header
        Of the file: shape, affine, codes and units.
    affine : (4, 4) array
        From (slice, row, column) to mm.
    """

    path: str
    volume: np.ndarray
    order: orientation.Order
    header: nib.Nifti1Header
    affine: np.ndarray

    @property
    def voxel_mm3(self) -> float:
        """The volume of a voxel from the affine, in mm^3 (the protocol's text is 12 % off the headers)."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between voxel centres along slices, rows and columns, in mm."""
        return tuple(float(step) for step in np.linalg.norm(self.affine[:3, :3], axis=0))


def read_scan(path: str | Path, slice_axis: int | None = None, header_only: bool = False) -> Image:
    """Read a T1w or STIR scan.

    Parameters
    ----------
    path : str or Path
        A three-dimensional NIfTI file.
    slice_axis : int, optional
        The stored slice axis where the spacing does not tell it.
    header_only : bool
        Check the header alone; the volume is zeros.

    Returns
    -------
    Image
        Intensities as float64, in presentation order.

    Raises
    ------
    InputError
        If the file is absent, damaged, not three-dimensional, has a singular affine or conflicting qform and sform, or
        holds values that are not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path in the study's tables and its `data` folder")
    try:
        file = nib.load(path)
        shape, header = volume_shape(path, file), file.header
        stored = np.broadcast_to(0.0, shape) if header_only else file.get_fdata(dtype=np.float64).reshape(shape)
    except InputError:
        raise
    except Exception as error:  # nibabel, gzip and zlib each raise their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: cannot be read as NIfTI ({reason}): damaged or truncated; copy or export it again"
        ) from error
    if not np.isfinite(stored).all():
        raise InputError(
            f"{path}: expected finite values, found {int((~np.isfinite(stored)).sum())} voxels that are NaN or "
            "infinite; repair or export it again"
        )
    affine = affine_of(path, file, shape)
    with naming(path):
        order = orientation.presentation_order(affine, slice_axis)
    presented = orientation.presented_affine(affine, shape, order)
    return Image(str(path), orientation.present(stored, order), order, header, presented)


def read_mask(path: str | Path, labels: tuple[int, ...] = (0, 1), slice_axis: int | None = None) -> Image:
    """Read a mask or label file; its values must be among `labels` (otherwise `InputError`).

    Returns
    -------
    Image
        Labels as uint8, in presentation order.
    """
    image = read_scan(path, slice_axis)
    return replace(image, volume=check_labels(path, image.volume, labels))


def read_grid(path: str | Path, slice_axis: int | None = None) -> Image:
    """Read the grid of a scan from its header alone, with the checks of `read_scan`; the volume is zeros."""
    return read_scan(path, slice_axis, header_only=True)


def check_same_grid(image: Image, reference: Image) -> None:
    """Raise `InputError` unless two images lie on one grid: equal shape, corners within 0.1 mm.

    Both are compared in presentation order, so that a file that stores its axes otherwise passes.
    """
    if image.volume.shape != reference.volume.shape:
        raise InputError(
            f"{image.path}: on another grid than {reference.path}: expected (slices, rows, columns) "
            f"{reference.volume.shape}, found {image.volume.shape}; draw or resample it on the grid of the latter"
        )
    distance = orientation.corner_distance(image.affine, reference.affine, image.volume.shape)
    if not distance <= GRID_TOLERANCE_MM:
        raise InputError(
            f"{image.path}: on another grid than {reference.path}: corner voxels must agree within "
            f"{GRID_TOLERANCE_MM} mm, found {distance:.3g} mm; draw or resample it on the grid of the latter"
        )


def write_labels(path: str | Path, labels: np.ndarray, like: Image, dtype: type = np.uint8) -> None:
    """Write a volume of labels, or of another type, on the grid of `like`, whole or not at all.

    Parameters
    ----------
    path : str or Path
        A ``.nii`` or ``.nii.gz`` file.
    labels : (slices, rows, columns) array
        In presentation order; labels 0 to 255.
    like : Image
        Gives stored axes, affine, codes and units; its free text (scanners put the time there) is left out.
    """
    stored = np.ascontiguousarray(orientation.restore(np.asarray(labels, dtype), like.order))
    header = nib.Nifti1Header()
    for field in (
        "pixdim", "xyzt_units", "qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d",
        "qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z",
    ):  # fmt: skip
        header[field] = like.header[field]
    header.set_data_dtype(dtype)
    header.set_data_shape(stored.shape)
    with replacing(path) as beside:
        nib.save(nib.Nifti1Image(stored, None, header), beside)


def write_stored(path: str | Path, stored: np.ndarray, affine: np.ndarray) -> None:
    """Write an array as it is stored, with qform and sform set to its affine, whole or not at all.

    Parameters
    ----------
    path : str or Path
    stored : (i, j, k) array
        int16 intensities, or a mask, written as uint8.
    affine : (4, 4) array
        Voxel indices to mm.
    """
    stored = stored.astype(np.uint8) if stored.dtype == bool else stored
    image = nib.Nifti1Image(stored, affine)
    image.set_qform(affine, 1)
    image.set_sform(affine, 1)
    image.header.set_xyzt_units("mm")
    with replacing(path) as beside:
        nib.save(image, beside)


def read_stored(path: str | Path) -> np.ndarray:
    """Read a label file in its stored order (i, j, k), as uint8."""
    image = read_mask(path, labels=tuple(range(256)))
    return np.ascontiguousarray(orientation.restore(image.volume, image.order))
