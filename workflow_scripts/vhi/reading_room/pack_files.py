"""Write one scan's pack into a reader's folder: the page, and the files for viewers."""

import re
from dataclasses import replace
from pathlib import Path

import nrrd
import numpy as np
import pandas as pd

from vhi.io import orientation
from vhi.io.files import replacing, write_text
from vhi.io.images import Image, write_stored
from vhi.io.tables import write_table
from vhi.reading_room.blinding import blind_image, stored_affine
from vhi.reading_room.made import SHEET
from vhi.reading_room.packs import quantised
from vhi.reading_room.pages import page
from vhi.reading_room.viewers import label_description, slicer_header


def write_pack(
    folder: Path, content: dict, template: dict[str, str], images: dict[str, Image], slice_axis: int | None = None
) -> None:
    """Write the page of a scan and its files for ITK-SNAP and 3D Slicer.

    Parameters
    ----------
    folder : Path
        The reader's.
    content : dict
        Of `packs.pack_content`.
    template : dict of str
        Of `packs.page`.
    images : dict of Image
        ``STIR``, ``T1W`` and ``preliminary``.
    slice_axis : int, optional
        The stored axis that counts slices, where the study's config names it.
    """
    code = content["code"]
    write_text(folder / f"{code}.html", page(template, content))
    for name, image in images.items():
        volume = image.volume if name == "preliminary" else quantised(image.volume)[0].astype(np.int16)
        blind = blind_image(replace(image, volume=volume), slice_axis)
        stored = np.ascontiguousarray(orientation.restore(blind.volume, blind.order))
        write_stored(folder / "nifti" / f"{code}_{name}.nii.gz", stored, stored_affine(blind))
        if name == "preliminary":
            with replacing(folder / "nifti" / f"{code}_preliminary.seg.nrrd") as beside:
                nrrd.write(str(beside), stored, slicer_header(blind))
                # pynrrd notes when it wrote: the same pack must have the same bytes
                beside.write_bytes(re.sub(rb"# on [^\n]*\n", b"", beside.read_bytes(), count=1))


def write_lists(folder: Path, codes: list[str], sparcc: list[str], read_me: str) -> None:
    """Write what lies beside the packs: the reader's lists, the sheet to fill in, labels, instructions.

    Parameters
    ----------
    folder : Path
    codes : list of str
        In the order of reading.
    sparcc : list of str
        Codes in the order of scoring.
    read_me : str
        The instructions.
    """
    write_table(folder / "reading_list.tsv", pd.DataFrame({"order": range(1, len(codes) + 1), "scan": codes}))
    write_table(folder / "sparcc_reading_list.tsv", pd.DataFrame({"order": range(1, len(sparcc) + 1), "scan": sparcc}))
    rows = [(code, None, None, side, *[None] * 6) for code in sparcc for _ in range(6) for side in ("right", "left")]
    write_table(folder / "sparcc_sheet.tsv", pd.DataFrame(rows, columns=SHEET))
    for name, text in (("README.txt", read_me), ("nifti/labels.txt", label_description())):
        write_text(folder / name, text)
