"""Reading packs: one self-contained page per scan, and the same scan for ITK-SNAP and 3D Slicer.

A pack carries voxels, spacing, a random id and the reader's own code for the scan, and nothing else of the study: no
header text, date, path, name or hash that would tell which scan it is or link the packs of two readers.
"""

import base64
import gzip
from dataclasses import replace

import numpy as np
from scipy import ndimage

from vhi.cleaning.records import number_lesions
from vhi.inflammation import label_regions
from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid
from vhi.marrow.stability import FEW_MARROW, UNSTABLE_PERCENT

BITS = 12


def quantised(volume: np.ndarray) -> tuple[np.ndarray, list[int], list[float]]:
    """Scale intensities to whole numbers, the brightest thousandth cut off.

    Parameters
    ----------
    volume : (slices, rows, columns) array

    Returns
    -------
    volume : (slices, rows, columns) uint16 array
        0 to 2**`BITS` - 1.
    window : list of int
        Where black and white are at first.
    scale : list of float
        Intensity at 0, and by how much it grows per step.
    """
    low, bright, high = np.percentile(volume, [0.1, 99.5, 99.9])
    top = 2**BITS - 1
    scale = top / max(high - low, 1e-9)
    numbers = np.clip(np.rint((volume - low) * scale), 0, top).astype("<u2")
    return numbers, [0, max(1, round((bright - low) * scale))], [float(low), float(1 / scale)]


def shown_on(image: Image, reference: Image) -> Image:
    """Show a scan on the grid of another one: as it is where both share a grid, else by linear interpolation.

    For reading alone, where T1w and STIR were scanned on different grids; nothing is measured on it. Outside its field
    of view the scan is as dark as its darkest voxel.
    """
    try:
        check_same_grid(image, reference)
        return image
    except InputError:
        to_image = np.linalg.inv(image.affine) @ reference.affine
        shown = ndimage.affine_transform(
            np.asarray(image.volume, float), to_image[:3, :3], to_image[:3, 3], reference.volume.shape, order=1,
            cval=float(image.volume.min()),
        )  # fmt: skip
        return replace(reference, volume=shown)


def packed(array: np.ndarray) -> dict[str, str]:
    """Write an array for a page: its type, and its bytes gzipped without a time, as base64."""
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    content = base64.b64encode(gzip.compress(array.tobytes(), 6, mtime=0)).decode()
    return {"kind": f"<{array.dtype.kind}{array.dtype.itemsize}", "bytes": content}


def packed_numbers(numbers: np.ndarray, count: int) -> dict:
    """Write the numbers of so many regions for a page, in as few bytes as hold them."""
    return packed(numbers.astype("u2" if count < 65536 else "u4"))


def shown_scan(images: dict[str, Image], row: dict, pause_ms: int = 60_000, simulated: bool = False) -> dict:
    """Give what the page of every task shows: the scan, and the reader's code for it.

    Parameters
    ----------
    images : dict of Image
        ``STIR`` and ``T1W``, on one grid.
    row : dict
        ``pack`` and ``code`` of the key: random id, and the reader's code.
    pause_ms : int
        Time after which the page's clock stops.
    simulated : bool

    Returns
    -------
    dict
        ``arrays`` holds the voxels, by name.
    """
    shown = {name: quantised(images[name.upper()].volume) for name in ("stir", "t1w")}
    return {
        "pack": row["pack"],
        "code": row["code"],
        "grid": list(images["STIR"].volume.shape),
        "spacing_um": [round(1000 * step) for step in images["STIR"].spacing_mm],
        "pause_ms": pause_ms,
        "simulated": simulated,
        "bits": BITS,
        "windows": {name: window for name, (_, window, _) in shown.items()},
        "scale": {name: scale for name, (_, _, scale) in shown.items()},
        "arrays": {name: packed(volume) for name, (volume, _, _) in shown.items()},
    }


def pack_content(
    images: dict[str, Image], row: dict, connectivity: int = 8, pause_ms: int = 60_000, simulated: bool = False
) -> dict:
    """Give what the page of a cleaning shows.

    Parameters
    ----------
    images : dict of Image
        ``STIR``, ``T1W`` and ``preliminary`` (labels 0, 1, 2), on one grid.
    row : dict
    connectivity : int
        Of regions within a slice.
    pause_ms : int
    simulated : bool
        As in `shown_scan`.

    Returns
    -------
    dict
        For `pages.page`.
    """
    preliminary = images["preliminary"].volume
    regions, count = label_regions(preliminary, connectivity)
    content = shown_scan(images, row, pause_ms, simulated)
    content["lesions"] = number_lesions(preliminary, connectivity).tolist()
    content["arrays"]["labels"] = packed(np.asarray(preliminary, np.uint8))
    content["arrays"]["regions"] = packed_numbers(regions, count)
    return content


def exact(volume: np.ndarray) -> np.ndarray:
    """Give intensities in the smallest type that holds each of them exactly."""
    for kind in ("<u2", "<i4", "<f4"):
        if np.array_equal(volume.astype(kind), volume):
            return volume.astype(kind)
    return volume.astype("<f8")


def marrow_content(images: dict[str, Image], row: dict, settings: dict, **options) -> dict:
    """Give what the page of normal marrow shows.

    Parameters
    ----------
    images : dict of Image
        ``STIR`` and ``T1W``; ``limits``, the STIR that is compared with the limits; where there are any ``region``, the disease
        region, and ``proposal``, a patch to begin with. All on the grid of the STIR.
    row : dict
        As in `shown_scan`.
    settings : dict
        ``rule`` (of the limits), ``small_regions`` and ``exclude`` (the patch from the region) of the config.
    **options
        Of `shown_scan`.

    Returns
    -------
    dict
        For `pages.page`.
    """
    content = shown_scan(images, row, **options) | settings
    content |= {"few": FEW_MARROW, "unstable_percent": UNSTABLE_PERCENT}
    content["arrays"]["exact"] = packed(exact(images["limits"].volume))
    for name in ("region", "proposal"):
        if name in images:
            content["arrays"][name] = packed((images[name].volume > 0).astype(np.uint8))
    return content


def region_content(images: dict[str, Image], row: dict, t1w_alone: bool = False, **options) -> dict:
    """Give what the page of the disease region shows.

    Parameters
    ----------
    images : dict of Image
        ``STIR`` and ``T1W``, ``region`` and ``probability`` (in percent) of the networks, on the grid of the T1w.
    row : dict
        As in `shown_scan`.
    t1w_alone : bool
        Whether the scan has no STIR; the T1w then stands in for it.
    **options
        Of `shown_scan`.

    Returns
    -------
    dict
        For `pages.page`.
    """
    content = shown_scan(images, row, **options) | {"one": t1w_alone}
    content["arrays"] |= {name: packed(images[name].volume.astype(np.uint8)) for name in ("region", "probability")}
    return content
