"""The first suggestion: how probably readers remove a region, from its place, shape and neighbours.

It orders a reader's work and never hides or removes anything. Intensity is left out on purpose: the limits have used it.
"""

import numpy as np
import pandas as pd
from scipy import spatial, stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vhi.cleaning.records import number_lesions
from vhi.inflammation import UPPER, label_regions

FEATURES = (
    "slice", "row", "from_middle", "log_mm2", "elongation", "fullness", "upper_share", "log_lesion_mm3", "lesion_slices",
    "nearest_mm", "log_neighbours",
)  # fmt: skip
NEAR_MM = 20.0
FOLDS = 5
BINS = 10


def region_features(
    preliminary: np.ndarray, spacing_mm: tuple[float, float, float], connectivity: int = 8
) -> pd.DataFrame:
    """Describe every region of a preliminary segmentation.

    Parameters
    ----------
    preliminary : (slices, rows, columns) array
        Labels 0, 1, 2.
    spacing_mm : (float, float, float)
        Of slices, rows and columns.
    connectivity : int
        Of regions within a slice.

    Returns
    -------
    DataFrame
        ``region`` and `FEATURES`: place as a share of the volume (`from_middle` is the distance from the midline), area,
        elongation (ratio of the axes), fullness (area over its bounding box), share above the upper limit; volume and
        slices of its 3D lesion; distance to the nearest other region of the slice and number within 20 mm.
    """
    regions, count = label_regions(preliminary, connectivity)
    lesion = number_lesions(preliminary, connectivity)
    spacing, shape = np.asarray(spacing_mm, float), np.asarray(preliminary.shape)
    place = np.argwhere(regions > 0)
    number = regions[regions > 0]
    order = np.argsort(number, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(number, minlength=count + 1)[1:])[:-1]) if count else []
    middle = np.array([place[part].mean(axis=0) for part in parts]).reshape(-1, 3)
    lesion_voxels = np.bincount(lesion[number], minlength=lesion.max(initial=0) + 1)
    slices_of = pd.Series(place[:, 0]).groupby(lesion[number]).nunique()
    rows = []
    for region, part in enumerate(parts, 1):
        voxels = place[part]
        mm = voxels[:, 1:] * spacing[1:]
        spread = np.linalg.eigvalsh(np.cov(mm.T) + np.eye(2) * np.square(spacing[1:]) / 12)
        others = np.delete(middle[middle[:, 0] == voxels[0, 0]], 0, 1) * spacing[1:]
        distance = np.sort(spatial.distance.cdist(middle[[region - 1], 1:] * spacing[1:], others)[0])[1:]
        box = np.prod(voxels[:, 1:].max(axis=0) - voxels[:, 1:].min(axis=0) + 1)
        at = (middle[region - 1] + 0.5) / shape
        rows.append(
            {
                "region": region,
                "slice": at[0],
                "row": at[1],
                "from_middle": abs(at[2] - 0.5),
                "log_mm2": np.log(len(voxels) * spacing[1] * spacing[2]),
                "elongation": float(np.sqrt(spread[1] / spread[0])),
                "fullness": len(voxels) / box,
                "upper_share": float((preliminary[tuple(voxels.T)] == UPPER).mean()),
                "log_lesion_mm3": np.log(lesion_voxels[lesion[region]] * spacing.prod()),
                "lesion_slices": int(slices_of[lesion[region]]),
                "nearest_mm": float(min(distance[0], 100.0)) if distance.size else 100.0,
                "log_neighbours": float(np.log1p((distance < NEAR_MM).sum())),
            }
        )
    return pd.DataFrame(rows, columns=["region", *FEATURES])


def model():
    """Make the classifier: a logistic regression over standardised features."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def suggest(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Learn from readings, and suggest for every region a probability that no reading of its own subject went into.

    Parameters
    ----------
    frame : DataFrame
        ``scan subject reader region removed`` and `FEATURES`, one row per region and reading; `removed` is empty for
        regions of scans that nobody has read.

    Returns
    -------
    suggestions : DataFrame
        ``scan region probability``.
    checked : DataFrame
        ``scan subject reader region removed suggested``: the readings, with what was suggested without their subject.
    """
    read = frame[frame["removed"].notna()].reset_index(drop=True)
    target = read["removed"].astype(int).to_numpy()
    suggested = np.empty(len(read))
    folds = GroupKFold(min(FOLDS, read["subject"].nunique()))
    for train, test in folds.split(read, target, read["subject"]):
        suggested[test] = _probability(read.loc[train], target[train], read.loc[test])
    checked = read[["scan", "subject", "reader", "region", "removed"]].assign(suggested=suggested)
    found = [checked.groupby(["scan", "region"], sort=False)["suggested"].mean().rename("probability").reset_index()]
    unread = frame[~frame["subject"].isin(read["subject"])].drop_duplicates(["scan", "region"])
    of_read_subjects = frame[frame["subject"].isin(read["subject"]) & ~frame["scan"].isin(read["scan"])]
    for subject, rows in of_read_subjects.groupby("subject"):  # the other session of a subject that was read
        train = (read["subject"] != subject).to_numpy()
        found.append(_predicted(read[train], target[train], rows.drop_duplicates(["scan", "region"])))
    if len(unread):
        found.append(_predicted(read, target, unread))
    return pd.concat(found, ignore_index=True).sort_values(["scan", "region"], ignore_index=True), checked


def _predicted(read: pd.DataFrame, target: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["scan", "region"]].assign(probability=_probability(read, target, rows))


def _probability(read: pd.DataFrame, target: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
    """Probability that each row's region is removed, learnt from what was read; one number for all where that is of one kind."""
    if len(set(target)) < 2:
        return np.full(len(rows), target.mean() if len(target) else 0.5)
    return model().fit(read[list(FEATURES)], target).predict_proba(rows[list(FEATURES)])[:, 1]


def calibration(checked: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Compare what was suggested with what readers did, on subjects that the model had not seen.

    Returns
    -------
    bins : DataFrame
        ``suggested removed low high regions``: mean suggestion, share removed, its 95 % interval (Wilson; regions are
        taken as independent, which makes it narrow), one row per tenth of the suggestions.
    scores : dict
        ``regions readings subjects removed auc brier brier_of_share``; the last is the Brier score of suggesting the
        share of removed regions for all.
    """
    removed = checked["removed"].astype(int)
    tenth = pd.qcut(checked["suggested"].rank(method="first"), min(BINS, len(checked)), labels=False)
    rows = []
    for _, part in checked.assign(removed=removed).groupby(tenth):
        interval = stats.binomtest(int(part["removed"].sum()), len(part)).proportion_ci(method="wilson")
        rows.append((part["suggested"].mean(), part["removed"].mean(), interval.low, interval.high, len(part)))
    share = removed.mean()
    scores = {
        "regions": len(checked),
        "readings": len(checked[["scan", "reader"]].drop_duplicates()),
        "subjects": int(checked["subject"].nunique()),
        "removed": float(share),
        "auc": float(roc_auc_score(removed, checked["suggested"])) if removed.nunique() == 2 else None,
        "brier": float(brier_score_loss(removed, checked["suggested"])),
        "brier_of_share": float(share * (1 - share)),
    }
    return pd.DataFrame(rows, columns=["suggested", "removed", "low", "high", "regions"]), scores
