"""How a simulated reader draws inflammation by hand."""

import numpy as np
from scipy.ndimage import find_objects, gaussian_filter, shift
from scipy.special import ndtr, ndtri

from vhi.simulation.naming import generator
from vhi.simulation.opinions import Reader, draw_opinions
from vhi.simulation.readers import MISTAKEN, SMOOTH_MM, SPOT_MM
from vhi.simulation.subject import Scan


def draw(scan: Scan, reader: Reader, trial: int, seed: int, scan_name: str) -> np.ndarray:
    """Draw inflammation by hand: lesions with shifting borders, missed lesions, and structures that are none.

    Parameters
    ----------
    scan : vhi.simulation.subject.Scan
    reader : Reader
    trial : int
        1 or 2; opinions are shared between a reader's trials in part.
    seed : int
    scan_name : str

    Returns
    -------
    numpy.ndarray
        Shape (i, j, k), bool.
    """
    truth = scan.truth
    table = truth.structures
    step = np.linalg.norm(scan.affine[:3, :3], axis=0)
    always = draw_opinions(scan, reader, seed, scan_name, "draw", 4)
    again = generator(seed, scan_name, f"draw {reader.name} {trial}").standard_normal((len(table), 4))
    opinion = np.sqrt(1 - reader.trial_spread) * always + np.sqrt(reader.trial_spread) * again
    drawn = np.zeros(truth.oedema.shape, dtype=bool)
    for row, box, (border, seen, right, up) in zip(
        table.iloc[1:].itertuples(), find_objects(truth.structure, len(table) - 1), opinion[1:], strict=True
    ):
        if box is None:
            continue
        box = tuple(
            slice(max(one.start - extra, 0), one.stop + extra) for one, extra in zip(box, (8, 8, 0), strict=True)
        )
        own = truth.structure[box] == row.structure
        if row.reason == "lesion":
            large = own.sum() * step.prod() > 500
            outlined = seen > ndtri(reader.misses_large if large else reader.misses)
            extent = truth.oedema[box] * own
        else:
            outlined = row.reason in MISTAKEN and seen < ndtri(reader.extras)
            extent = _spot(own, step, place=ndtr(up)) if outlined else None
        if outlined:
            level = np.clip(reader.border * np.exp(reader.border_spread * border), 0.12, 0.75)
            offset = (right * reader.hand_mm / step[0], up * reader.hand_mm / step[1], 0)
            drawn[box] |= _outline(extent, (SMOOTH_MM / step[0], SMOOTH_MM / step[1], 0), level, offset)
    return drawn & scan.disease_region


def _spot(mask, step, place):
    """Fade a structure with the distance from one of its points: the part of it that is taken for a lesion."""
    found = np.argwhere(mask)
    middle = found[min(int(place * len(found)), len(found) - 1)]
    axes = np.ogrid[tuple(slice(0, count) for count in mask.shape)]
    distance = sum(((axis - at) * mm) ** 2 for axis, at, mm in zip(axes, middle, step, strict=True))
    return (mask * np.exp(-distance / (2 * SPOT_MM**2))).astype(np.float32)


def _outline(extent, smoothing, level, offset):
    """Contour a smoothed extent at a share of its peak, displaced by an offset in voxels."""
    smooth = gaussian_filter(extent, smoothing)
    return shift(smooth, offset, order=1) > level * float(smooth.max())
