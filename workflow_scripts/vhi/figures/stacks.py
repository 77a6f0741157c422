"""All slices of a scan as one image, and what was found on them as others to lay over it, for the pages on scans."""

import io
from collections.abc import Mapping, Sequence
from math import ceil, sqrt

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image
from scipy.ndimage import binary_erosion

from vhi.figures.pages import UNSURE_COLOUR, cropped
from vhi.figures.quality import UNSURE
from vhi.figures.scans import busiest
from vhi.figures.style import LOWER_COLOUR, SERIES, UPPER_COLOUR

OPACITY = 0.75


def sheet_of(slices: np.ndarray) -> np.ndarray:
    """Set slices side by side: the square of fewest slices that holds them all, row by row.

    Parameters
    ----------
    slices : (slices, rows, columns) array

    Returns
    -------
    (down * rows, across * columns) array
        ``across`` is the root of the number of slices, rounded up; what is left of the sheet is 0.

    Examples
    --------
    >>> sheet_of(np.arange(3).reshape(3, 1, 1) + 1)
    array([[1, 2],
           [3, 0]])
    """
    count, rows, columns = slices.shape
    across = ceil(sqrt(count))
    down = ceil(count / across)
    filled = np.zeros((down * across, rows, columns), slices.dtype)
    filled[:count] = slices
    return filled.reshape(down, across, rows, columns).swapaxes(1, 2).reshape(down * rows, across * columns)


def picture_of(volume: np.ndarray, region: np.ndarray | None) -> bytes:
    """Make a WebP of all slices in grey, black at 0 and white at the 99.9th percentile of the disease region, where it is given."""
    inside = volume[region > 0] if region is not None and region.shape == volume.shape and region.any() else volume
    white = max(float(np.percentile(inside, 99.9)), 1)
    grey = np.clip(volume * (255 / white), 0, 255).astype(np.uint8)
    return _encoded(Image.fromarray(sheet_of(grey)), "webp", quality=70)


def overlay_of(labels: np.ndarray, colours: Sequence[str], outline: bool = False) -> bytes:
    """Make a PNG of labels on all slices; where there is none it is clear.

    Parameters
    ----------
    labels : (slices, rows, columns) array
        0, and 1 for the first colour, 2 for the second.
    colours : sequence of str
    outline : bool
        Draw the edge of each region alone.
    """
    labels = np.asarray(labels, np.uint8)
    if outline:
        inner = binary_erosion(labels > 0, np.ones((1, 3, 3)))
        labels = np.where(inner, 0, labels)
    image = Image.fromarray(sheet_of(labels))
    image.putpalette(bytes(round(255 * part) for colour in ("black", *colours) for part in to_rgb(colour)))
    opacity = round(255 * (1 if outline else OPACITY))
    return _encoded(image, "png", transparency=bytes([0] + [opacity] * len(colours)), optimize=True)


def stacks_of(seen: Mapping) -> list[dict]:
    """Give a scan's images and what was found on them, cut to the disease region.

    Parameters
    ----------
    seen : mapping
        As for `vhi.figures.pages.scan_figure`.

    Returns
    -------
    list of dict
        STIR, where there is one, and T1w: ``name slices start`` (slice shown first) ``across width_mm height_mm picture`` and
        ``layers`` (``name colour image on``: whether it is shown at first).
    """
    seen = cropped(seen)
    limits = (LOWER_COLOUR, UPPER_COLOUR)
    found = [
        ("disease region", seen.get("region"), SERIES[0], True),
        ("normal marrow", seen.get("marrow"), SERIES[1], False),
    ]
    cleaned = seen.get("cleaned") or {}
    filled = [("preliminary", seen.get("preliminary"), limits, not cleaned)]
    filled += [
        (f"cleaned by {reader}", kept, limits, place == 0) for place, (reader, kept) in enumerate(cleaned.items())
    ]
    unsure = seen.get("probability")
    if unsure is not None:
        found.append(("network unsure", (unsure > UNSURE[0]) & (unsure < UNSURE[1]), UNSURE_COLOUR, False))
    stacks = []
    for name, volume, spacing in (
        ("STIR", seen.get("stir"), seen.get("stir_spacing")),
        ("T1w", seen["t1w"], seen["t1w_spacing"]),
    ):
        if volume is None:
            continue
        fits = [layer for layer in found if layer[1] is not None and layer[1].shape == volume.shape]
        layers = [(*layer[:1], overlay_of(layer[1] > 0, [layer[2]], True), layer[2], layer[3]) for layer in fits]
        fits = [layer for layer in filled if name == "STIR" and layer[1] is not None and layer[1].shape == volume.shape]
        layers += [(title, overlay_of(labels, colours), colours[1], on) for title, labels, colours, on in fits]
        inflamed = [layer for layer in fits if layer[3]]
        stacks.append({
            "start": busiest(inflamed[0][1]) if inflamed and np.any(inflamed[0][1]) else len(volume) // 2,
            "name": name, "slices": len(volume), "across": ceil(sqrt(len(volume))), "picture": picture_of(volume, seen.get("region")),
            "height_mm": volume.shape[1] * spacing[0], "width_mm": volume.shape[2] * spacing[1],
            "layers": [dict(zip(("name", "image", "colour", "on"), layer, strict=True)) for layer in layers],
        })  # fmt: skip
    return stacks


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()
