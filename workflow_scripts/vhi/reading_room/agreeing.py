"""Where two readers of a scan differ: parts that one kept and the other removed, and what is left once each part is decided."""

import numpy as np
from scipy import ndimage

from vhi.inflammation import LOWER, UPPER, label_regions
from vhi.io.images import Image
from vhi.reading_room.packs import packed, packed_numbers, shown_scan

FIRST, SECOND = 2, 4  # added to the label of a voxel that the first, or the second, reader alone kept


def compared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Set the cleaned masks of two readers side by side.

    Parameters
    ----------
    first, second : (slices, rows, columns) array
        Labels 0, 1, 2 of what each kept.

    Returns
    -------
    (slices, rows, columns) uint8 array
        0 to 2 where both kept the same; 3 and 4 where the first alone kept label 1 or 2, 5 and 6 where the second alone did.
    """
    labels = np.maximum(first, second).astype(np.uint8)
    alone = np.where(second > 0, SECOND, FIRST).astype(np.uint8)
    return np.where((first > 0) == (second > 0), labels, labels + alone)


def differences(both: np.ndarray, connectivity: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Number what two readers differ on, the largest first.

    Parameters
    ----------
    both : (slices, rows, columns) array
        Of `compared`.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    numbers : (slices, rows, columns) int array
        A difference is a connected part of one slice that one reader kept and the other removed.
    joined : (differences + 1,) int array
        Which of them hang together in 3D, by difference; 0 for number 0.
    """
    numbers, joined, structure = np.zeros(both.shape, int), np.zeros(both.shape, int), np.ones((3, 3, 3))
    for low in (LOWER + FIRST, LOWER + SECOND):
        alone = (both == low) | (both == low + UPPER - LOWER)
        regions, _ = label_regions(alone, connectivity)
        numbers = np.where(alone, numbers.max() + regions, numbers)
        joined = np.where(alone, joined.max() + ndimage.label(alone, structure)[0], joined)
    size = np.bincount(numbers.ravel())[1:]
    first = np.unique(numbers, return_index=True)[1][-size.size :] if size.size else size
    place = np.zeros(size.size + 1, int)
    place[np.lexsort((first, -size)) + 1] = np.arange(1, size.size + 1)
    numbers, lesions = place[numbers], np.zeros(size.size + 1, int)
    lesions[numbers.ravel()] = joined.ravel()
    return numbers, lesions


def settled_labels(both: np.ndarray, numbers: np.ndarray, kept: list[int]) -> np.ndarray:
    """Give the labels on which both readers agree, and those of the differences that are kept."""
    labels = np.where(both > 0, (both - 1) % FIRST + 1, 0).astype(np.uint8)
    labels[(numbers > 0) & ~np.isin(numbers, kept)] = 0
    return labels


def agreeing_content(images: dict[str, Image], row: dict, connectivity: int = 8, **options) -> dict:
    """Give what the page of a consensus shows: never which of the two readers kept a part.

    Parameters
    ----------
    images : dict of Image
        ``STIR``, ``T1W`` and ``both`` (of `compared`), on one grid.
    row : dict
        As in `packs.shown_scan`.
    connectivity : int
        Of regions within a slice.
    **options
        Of `packs.shown_scan`.

    Returns
    -------
    dict
        For `pages.page`.
    """
    both = images["both"].volume
    numbers, joined = differences(both, connectivity)
    # numbered anew, in the order of the differences: the numbers of `joined` begin with what the first reader kept
    _, first, inverse = np.unique(joined, return_index=True, return_inverse=True)
    content = shown_scan(images, row, **options) | {"lesions": np.argsort(np.argsort(first))[inverse].tolist()}
    content["arrays"]["labels"] = packed(settled_labels(both, numbers, list(range(1, len(joined)))))
    content["arrays"]["regions"] = packed_numbers(numbers, len(joined) - 1)
    return content
