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

from vhi.cleaning.reading_room.blinding import stored_affine
from vhi.cleaning.records import REASONS, number_lesions
from vhi.inflammation import LOWER, UPPER, label_regions
from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid

BITS = 12
COLOURS = {LOWER: (230, 194, 0), UPPER: (255, 60, 40)}
REASON_COLOUR = (90, 170, 255)

ITK_SNAP_HEADER = """################################################
# ITK-SnAP Label Description File
# File format:
# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL
################################################
"""

READ_ME = """Cleaning preliminary segmentations of inflammation

Open a page (01.html, 02.html, ...) in a browser of 2023 or later: it needs no network and no installation. Remove what is
not inflammation, finish, and hand in the file that the page saves (01_record.json). Press ? in the page for the keys.

Who prefers a viewer finds in nifti/ each scan (_STIR, _T1W) and its segmentation (_preliminary: 1 lower limit, 2 upper
limit).
  ITK-SNAP   open _STIR as main image, _preliminary.nii.gz as segmentation, labels.txt under Segmentation > Label Editor > Import
  3D Slicer  open _STIR.nii.gz and _preliminary.seg.nrrd
Erase what is not inflammation, or paint it with the label of the reason (3 vessel, 4 artefact, 5 joint space, 6 level,
7 other). Never add to it. Hand in NIfTI: save as 01.nii.gz (ITK-SNAP: Save Segmentation Image; Slicer: export the
segmentation to a labelmap, values 1 and 2, and save that).

The scans of sparcc_reading_list.tsv are to be scored in that order, in sparcc_sheet.tsv: six consecutive slices and both
sides per scan, 0 or 1 per cell. depth: oedema at least 1 cm deep; intensity: at least as bright as presacral veins.
"""


def quantised(volume: np.ndarray, bits: int = BITS) -> tuple[np.ndarray, list[int]]:
    """Scale intensities to whole numbers, the brightest thousandth cut off.

    Parameters
    ----------
    volume : (slices, rows, columns) array
    bits : int

    Returns
    -------
    volume : (slices, rows, columns) uint16 array
        0 to 2**bits - 1.
    window : list of int
        Where black and white are at first.
    """
    low, bright, high = np.percentile(volume, [0.1, 99.5, 99.9])
    top = 2**bits - 1
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
    stir: Image,
    t1w: Image,
    preliminary: np.ndarray,
    pack: str,
    code: str,
    connectivity: int = 8,
    pause_ms: int = 60_000,
    simulated: bool = False,
) -> dict:
    """Give what a page shows.

    Parameters
    ----------
    stir, t1w : Image
        On one grid.
    preliminary : (slices, rows, columns) array
        Labels 0, 1, 2.
    pack, code : str
        Random id, and the reader's code.
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
    regions, count = label_regions(preliminary, connectivity)
    images = {"stir": quantised(stir.volume), "t1w": quantised(t1w.volume)}
    return {
        "pack": pack,
        "code": code,
        "grid": list(preliminary.shape),
        "spacing_um": [round(1000 * step) for step in stir.spacing_mm],
        "pause_ms": pause_ms,
        "simulated": simulated,
        "windows": {name: window for name, (_, window) in images.items()},
        "lesions": number_lesions(preliminary, connectivity).tolist(),
        "stir": packed(images["stir"][0]),
        "t1w": packed(images["t1w"][0]),
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


def label_description() -> str:
    """Write the label descriptions of ITK-SNAP: both limits, and the reasons for a removal."""
    rows = [
        (0, (0, 0, 0), 0, "Clear Label"),
        (LOWER, COLOURS[LOWER], 1, "lower limit"),
        (UPPER, COLOURS[UPPER], 1, "upper limit"),
    ]
    rows += [(UPPER + n, REASON_COLOUR, 1, f"removed: {reason}") for n, reason in enumerate(REASONS, 1)]
    return ITK_SNAP_HEADER + "".join(
        f'{index:5d} {red:5d} {green:4d} {blue:4d} {seen:8d} {seen:2d} {seen:2d}    "{name}"\n'
        for index, (red, green, blue), seen, name in rows
    )


def slicer_header(preliminary: Image) -> dict:
    """Give the NRRD header that makes a label volume a segmentation of 3D Slicer, in the space of a blinded image."""
    affine = np.diag([-1.0, -1, 1, 1]) @ stored_affine(preliminary)  # Slicer's files count to the left and back
    header = {
        "space": "left-posterior-superior",
        "space directions": affine[:3, :3].T,
        "space origin": affine[:3, 3],
        "kinds": ["domain"] * 3,
        "encoding": "gzip",
        "Segmentation_MasterRepresentation": "Binary labelmap",
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    extent = " ".join(f"0 {preliminary.volume.shape[preliminary.order.axes.index(axis)] - 1}" for axis in range(3))
    for number, (label, name) in enumerate([(LOWER, "lower limit"), (UPPER, "upper limit")]):
        header |= {
            f"Segment{number}_ID": f"Segment_{label}",
            f"Segment{number}_Name": name,
            f"Segment{number}_NameAutoGenerated": "0",
            f"Segment{number}_Color": " ".join(f"{part / 255:.4f}" for part in COLOURS[label]),
            f"Segment{number}_ColorAutoGenerated": "0",
            f"Segment{number}_LabelValue": str(label),
            f"Segment{number}_Layer": "0",
            f"Segment{number}_Extent": extent,
            f"Segment{number}_Tags": "",
        }
    return header
