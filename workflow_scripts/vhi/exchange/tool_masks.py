"""Read masks as ITK, 3D Slicer and DICOM store them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import highdicom as hd
import nrrd
import numpy as np

from vhi.io.errors import InputError

TO_RAS = {
    "left-posterior-superior": (-1, -1, 1),
    "right-anterior-superior": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
}
"""Spaces of NRRD, and the signs that turn their coordinates into those of NIfTI."""


@dataclass(frozen=True)
class Drawn:
    """What a tool stored.

    Attributes
    ----------
    path : str
    segments : dict of (i, j, k) bool array
        By name; empty in a file of labels without names.
    labels : (i, j, k) array, optional
        Of a file without named segments.
    affine : (4, 4) array
        Voxel indices to mm (NIfTI's axes).
    """

    path: str
    segments: dict[str, np.ndarray]
    labels: np.ndarray | None
    affine: np.ndarray


def read_tool_mask(path: str | Path) -> Drawn:
    """Read a mask from NRRD (labels, or a segmentation of 3D Slicer) or DICOM SEG.

    Raises
    ------
    InputError
        If the file cannot be read as such, or does not say where its voxels lie.
    """
    read = read_dicom_seg if str(path).endswith(".dcm") else read_nrrd
    try:
        return read(path)
    except InputError:
        raise
    except Exception as error:  # pynrrd, zlib, pydicom and highdicom each raise their own
        what = "a DICOM segmentation (SEG)" if read is read_dicom_seg else "a mask in NRRD"
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: cannot be read as {what} ({reason[:200]}); export it again") from error


def read_nrrd(path: str | Path) -> Drawn:
    """Read a NRRD file; see `read_tool_mask`.

    Notes
    -----
    Segments of 3D Slicer that overlap lie in layers, stored along an axis without a direction. The origin is that of the
    stored voxels, which may be a part of the scan's. Extents of segments repeat where their voxels are, and are not needed.
    """
    stored, header = nrrd.read(str(path))
    if header.get("space") not in TO_RAS or "space origin" not in header:
        raise InputError(
            f"{path}: expected a space ({', '.join(TO_RAS)}) and an origin in its header, found "
            f"'{header.get('space')}'; save it again with its position"
        )
    directions = np.asarray(header["space directions"], float)
    is_list = np.isnan(directions).all(axis=1)
    layers = np.moveaxis(stored, int(is_list.argmax()), 0) if is_list.any() else stored[None]
    if layers.ndim != 4 or is_list.sum() > 1:
        raise InputError(f"{path}: expected one volume, or layers of one, found an array of shape {stored.shape}")
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = directions[~is_list].T, header["space origin"]
    affine = np.diag([*TO_RAS[header["space"]], 1.0]) @ affine
    numbers = sorted({int(found[1]) for key in header if (found := re.match(r"Segment(\d+)_", key))})
    if not numbers:
        if len(layers) > 1:
            raise InputError(f"{path}: expected labels, or segments with names, found {len(layers)} layers of neither")
        return Drawn(str(path), {}, layers[0], affine)
    about = [
        (
            header.get(f"Segment{number}_Name") or header.get(f"Segment{number}_ID") or f"segment {number}",
            # Slicer before 4.11 wrote neither: each segment had a layer of its own.
            int(header.get(f"Segment{number}_Layer", number if len(layers) > 1 else 0)),
            int(header.get(f"Segment{number}_LabelValue", 1)),
        )
        for number in numbers
    ]
    named = _distinct(path, [name for name, *_ in about])
    return Drawn(
        str(path),
        {name: layers[layer] == value for name, (_, layer, value) in zip(named, about, strict=True)},
        None,
        affine,
    )


def read_dicom_seg(path: str | Path) -> Drawn:
    """Read a DICOM SEG, whose frames may be a part of the scan's slices; see `read_tool_mask`."""
    made = hd.seg.segread(path)
    volume = made.get_volume(combine_segments=False)
    values = volume.array
    if ((values != 0) & (values != 1)).any():
        raise InputError(f"{path}: expected segments of 0 and 1, found fractions; export it as binary")
    named = _distinct(path, [made.get_segment_description(number).segment_label for number in made.segment_numbers])
    affine = np.diag([-1.0, -1, 1, 1]) @ volume.affine
    return Drawn(str(path), {name: values[..., place] > 0 for place, name in enumerate(named)}, None, affine)


def _distinct(path: str | Path, names: Sequence[str]) -> Sequence[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: expected segments of different names, found '{twice[0]}' more than once; rename one")
    return names
