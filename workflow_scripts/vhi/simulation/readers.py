"""Models of the readers: who cleans a preliminary segmentation, who draws lesions by hand, who scores SPARCC.

A reader's opinion of a structure (a lesion, a vessel, a joint ...) holds on every slice on which the structure is seen,
and part of it is shared by all readers, because hard cases are hard for everybody.
"""

import numpy as np
import pandas as pd

from vhi.inflammation import label_regions
from vhi.simulation.disease import Reason
from vhi.simulation.naming import generator
from vhi.simulation.opinions import Reader, opinions
from vhi.simulation.subject import Scan

ERROR_KIND = {  # the three kinds of section 2.7.4, by what was mistaken for inflammation
    "joint": "anatomical",
    "foramen": "anatomical",
    "posterior_ilium": "anatomical",
    "disc_edge": "anatomical",
    "vessel": "morphological",
    "marrow": "artefact",
    "flare": "artefact",
    "lesion": "artefact",  # faint true oedema taken for artefact, as in discrepancy D3 of S3 Fig
}

MISTAKEN = ("vessel", "joint", "posterior_ilium", "disc_edge")  # drawn by hand now and then

SPOT_MM, SMOOTH_MM = 4.0, 1.2  # size of what is drawn by mistake, and of the detail that a hand follows


def clean(
    scan: Scan, preliminary: np.ndarray, reader: Reader, seed: int, scan_name: str
) -> tuple[np.ndarray, pd.DataFrame]:
    """Clean a preliminary segmentation by whole regions, as in section 2.5.4.

    A region (8-connected, within a slice) belongs to the lesion that fills at least a quarter of it, otherwise to the
    structure that fills most of it. Joint and foramen may be cut off a kept lesion; no other border is touched.

    Parameters
    ----------
    scan : vhi.simulation.subject.Scan
    preliminary : numpy.ndarray
        Shape (i, j, k), bool: after the small regions are gone.
    reader : Reader
    seed : int
    scan_name : str
        Name of the scan; with the seed it fixes the reader's opinions.

    Returns
    -------
    cleaned : numpy.ndarray
        Shape (i, j, k), bool, within `preliminary`.
    causes : pandas.DataFrame
        One row per structure that has regions: `structure`, `reason`, `side`, `kept`, `regions`, `voxels`,
        `kept_voxels`, `true_voxels` (of true inflammation) and `error` (anatomical, morphological, artefact, or empty
        where the decision was right).
    """
    truth = scan.truth
    opinion = opinions(scan, reader, seed, scan_name)
    kept_by_structure = opinion["kept"].to_numpy()
    is_lesion = (opinion["reason"] == "lesion").to_numpy()
    labels, count = label_slices(preliminary)
    inside = labels > 0
    region, structure = labels[inside], truth.structure[inside]
    owner, size = _owners(region, structure, count, len(opinion), is_lesion)
    own = generator(seed, scan_name, f"slips {reader.name}").random((count + 1, 2))
    kept = kept_by_structure[owner] ^ ((own[:, 0] < reader.slips) & (size < 400))
    kept[0] = False
    cleaned = kept[labels]
    off_joint = np.isin(truth.reason, (Reason.JOINT, Reason.FORAMEN))
    cut = is_lesion[owner] & kept & (own[:, 1] < reader.cuts_joint)
    cleaned &= ~(off_joint & cut[labels])
    return cleaned, _causes(opinion, owner, cleaned[inside], region, truth.inflammation[inside], count)


def label_slices(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Label the 8-connected regions of each slice of a stored (i, j, k) mask, from 1 through the volume."""
    labels, count = label_regions(mask.transpose(2, 0, 1))
    return labels.transpose(1, 2, 0), count


def _owners(region, structure, count, structures, is_lesion):
    """Give the structure that each region (from 0) belongs to, and its size in voxels."""
    pairs, voxels = np.unique(region.astype(np.int64) * structures + structure, return_counts=True)
    regions, owners = np.divmod(pairs, structures)
    size = np.bincount(region, minlength=count + 1)
    weight = np.where(is_lesion[owners] & (voxels >= 0.25 * size[regions]), 1e6, 0) + voxels
    order = np.argsort(weight, kind="stable")
    owner = np.zeros(count + 1, dtype=np.int64)
    owner[regions[order]] = owners[order]
    return owner, size


def _causes(opinion, owner, kept_voxel, region, true_voxel, count):
    voxel_owner = owner[region]
    sums = {
        "regions": np.bincount(owner[1:], minlength=len(opinion)),
        "voxels": np.bincount(voxel_owner, minlength=len(opinion)),
        "kept_voxels": np.bincount(voxel_owner, kept_voxel, minlength=len(opinion)).astype(int),
        "true_voxels": np.bincount(voxel_owner, true_voxel, minlength=len(opinion)).astype(int),
    }
    table = opinion.assign(**sums)
    wrong = table["kept"] != (table["reason"] == "lesion")
    table["error"] = table["reason"].map(ERROR_KIND).where(wrong, "")
    return table.loc[table["regions"] > 0].drop(columns=["peak", "identity"]).reset_index(drop=True)
