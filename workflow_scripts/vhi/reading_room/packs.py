"""Reading packs: one self-contained page per scan, and the same scan for ITK-SNAP and 3D Slicer.

A pack carries voxels, spacing, a random id and the reader's own code for the scan, and nothing else of the study: no
header text, date, path, name or hash that would tell which scan it is or link the packs of two readers.
"""

import base64
import gzip
import json
from dataclasses import replace

import numpy as np
from scipy import ndimage

from vhi.cleaning.records import number_lesions
from vhi.inflammation import label_regions
from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid

BITS = 12


def quantised(volume: np.ndarray) -> tuple[np.ndarray, list[int]]:
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
    """
    low, bright, high = np.percentile(volume, [0.1, 99.5, 99.9])
    top = 2**BITS - 1
    scale = top / max(high - low, 1e-9)
    return np.clip(np.rint((volume - low) * scale), 0, top).astype("<u2"), [0, max(1, round((bright - low) * scale))]


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


def packed(array: np.ndarray) -> str:
    """Write an array's bytes, gzipped without a time, as base64."""
    return base64.b64encode(gzip.compress(np.ascontiguousarray(array).tobytes(), 6, mtime=0)).decode()


def pack_content(
    images: dict[str, Image], row: dict, connectivity: int = 8, pause_ms: int = 60_000, simulated: bool = False
) -> dict:
    """Give what a page shows.

    Parameters
    ----------
    images : dict of Image
        ``STIR``, ``T1W`` and ``preliminary`` (labels 0, 1, 2), on one grid.
    row : dict
        ``pack`` and ``code`` of the key: random id, and the reader's code.
    connectivity : int
        Of regions within a slice.
    pause_ms : int
        Time after which the page's clock stops.
    simulated : bool

    Returns
    -------
    dict
        For `page`.
    """
    stir, preliminary = images["STIR"], images["preliminary"].volume
    regions, count = label_regions(preliminary, connectivity)
    shown = {name: quantised(images[name.upper()].volume) for name in ("stir", "t1w")}
    return {
        "pack": row["pack"],
        "code": row["code"],
        "grid": list(preliminary.shape),
        "spacing_um": [round(1000 * step) for step in stir.spacing_mm],
        "pause_ms": pause_ms,
        "simulated": simulated,
        "windows": {name: window for name, (_, window) in shown.items()},
        "lesions": number_lesions(preliminary, connectivity).tolist(),
        "stir": packed(shown["stir"][0]),
        "t1w": packed(shown["t1w"][0]),
        "labels": packed(np.asarray(preliminary, np.uint8)),
        "regions": packed(regions.astype("<u2" if count < 65536 else "<u4")),
    }


def page(template: dict[str, str], content: dict) -> str:
    """Make the page of a pack.

    Parameters
    ----------
    template : dict of str
        Text of ``page.html`` and of the files it names (``page.css``, ``reading.js``, ``view.js``, ``page.js``).
    content : dict
        Of `pack_content`.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    text = template["page.html"]
    for name in sorted(template.keys() - {"page.html"}):
        text = text.replace(f"/*{name.upper()}*/", template[name])
    return text.replace("/*PACK*/", json.dumps(content, separators=(",", ":")).replace("<", "\\u003c"))
