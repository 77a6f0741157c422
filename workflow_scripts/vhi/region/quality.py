"""Tell how far a disease region can be trusted, without anyone having drawn it (paper, sections 3.1 and S2 Fig).

The paper's network failed in three of 19 subjects, with very fatty or sclerotic marrow, and a human had to notice. What the
networks say about themselves (how sure, how much at one) gives a predicted Dice score; volume and intensity of the region, set
beside those of the drawn ones, show a scan unlike the training set.
"""

import numpy as np
import pandas as pd
from scipy import ndimage, stats

from vhi.statistics.overlap import dice

PREDICTORS = ("expected_dice", "agreement", "largest_share", "symmetry", "continuity")
"""The last two see what sure and unanimous networks get wrong: a pelvis is much the same on both sides and from slice to slice."""

CHECKED = ("volume_ml", "intensity")

RIDGE = 0.3  # on standardised predictors: there are few subjects, and the predictors go together


def describe(views: np.ndarray, t1w: np.ndarray, voxel_mm3: float) -> dict[str, float]:
    """Describe a predicted disease region by what can be seen without a drawn one.

    Parameters
    ----------
    views : array (predictions, slices, rows, columns)
        Probabilities: of each member, and of the mirrored slices where those are used.
    t1w : array (slices, rows, columns)
        Normalised intensities (`vhi.region.ensemble.normalise`).
    voxel_mm3 : float

    Returns
    -------
    dict
        ``expected_dice`` (the Dice score with the truth if every probability were exact), ``agreement`` (mean Dice of
        the predictions with one another; NaN where there is one), ``largest_share`` (of voxels in the largest connected
        part), ``symmetry`` (Dice of the region with its mirror image), ``continuity`` (mean Dice of neighbouring slices),
        ``volume_ml``, ``intensity`` (median, normalised).
    """
    mean = views.mean(axis=0)
    region = mean > 0.5
    total = float(region.sum() + mean.sum(dtype=np.float64))
    parts, count = ndimage.label(region, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel())[1:]
    return {
        "expected_dice": 2 * float(mean[region].sum(dtype=np.float64)) / total if region.any() else 0.0,
        "agreement": _agreement(views > 0.5),
        "largest_share": float(sizes.max() / sizes.sum()) if count else 0.0,
        "symmetry": _symmetry(region),
        "continuity": _continuity(region),
        "volume_ml": float(region.sum()) * voxel_mm3 / 1000,
        "intensity": float(np.median(t1w[region])) if region.any() else 0.0,
    }


def _agreement(regions: np.ndarray) -> float:
    """Mean Dice of every pair."""
    count = len(regions)
    pairs = [dice(regions[i], regions[j]) for i in range(count) for j in range(i)]
    return float(np.mean(pairs)) if pairs else float("nan")


def _symmetry(region: np.ndarray) -> float:
    """Dice with the mirror image about the mean column; 0 for an empty region."""
    if not region.any():
        return 0.0
    ends = round(2 * region.nonzero()[2].mean())  # a column and its image add up to this
    around = region[:, :, max(0, ends + 1 - region.shape[2]) : ends + 1]
    return dice(around, around[:, :, ::-1]) if around.any() else 0.0


def _continuity(region: np.ndarray) -> float:
    """Mean Dice of each slice with the next, where either shows the region; 0 where none does, and for a single slice."""
    shown = region.any(axis=(1, 2))
    pairs = [dice(region[i], region[i + 1]) for i in range(len(region) - 1) if shown[i] or shown[i + 1]]
    return float(np.mean(pairs)) if pairs else 0.0


def describe_drawn(region: np.ndarray, t1w: np.ndarray, voxel_mm3: float) -> dict[str, float]:
    """Describe a drawn region by the same volume and intensity."""
    found = describe(region[None].astype(np.float32), t1w, voxel_mm3)
    return {name: found[name] for name in CHECKED}


def drawn_regions(table: pd.DataFrame) -> pd.DataFrame:
    """Subject, volume and intensity of the drawn regions in a table of tried scans, one row per scan."""
    drawn = table[table["version"] == "as it is"].drop_duplicates("scan")
    return drawn[["subject"]].join(drawn[[f"drawn_{name}" for name in CHECKED]].set_axis(CHECKED, axis=1))


def fit(table: pd.DataFrame, drawn: pd.DataFrame) -> dict:
    """Fit the predicted Dice, and the range of what is usual.

    Parameters
    ----------
    table : DataFrame
        One row per scan or altered scan: what `describe` gives, and ``dice`` with the drawn region.
    drawn : DataFrame
        What `describe_drawn` gives, one row per scan of the training set.

    Returns
    -------
    dict
        For `predicted_dice` and `unusual`; plain numbers, to be kept as JSON.
    """
    # A predictor that is missing (one prediction: no agreement) or does not vary says nothing.
    names = [name for name in PREDICTORS if table[name].notna().all() and table[name].nunique() > 1]
    x = _logit(table[names].to_numpy(float))
    centre, scale = x.mean(axis=0), x.std(axis=0)
    y = _logit(table["dice"].to_numpy(float))
    z = (x - centre) / scale
    slope = np.linalg.solve(z.T @ z + RIDGE * np.eye(len(names)), z.T @ (y - y.mean()))
    # Log-normal: volumes and intensities are positive, and the training set is small, hence t quantiles.
    logs = np.log(drawn[list(CHECKED)].clip(lower=1e-6))
    n = len(logs)
    reach = stats.t.ppf(0.995, n - 1) * np.sqrt(1 + 1 / n) if n > 1 else np.inf
    spread = logs.std(ddof=1).fillna(0) if n > 1 else 0 * logs.iloc[0]
    low, high = np.exp(logs.mean() - reach * spread), np.exp(logs.mean() + reach * spread)
    return {
        "predictors": names,
        "centre": centre.tolist(),
        "scale": scale.tolist(),
        "slope": slope.tolist(),
        "intercept": float(y.mean()),
        "usual": {name: [float(low[name]), float(high[name])] for name in CHECKED},
        "scans": n,
    }


def predicted_dice(model: dict, table: pd.DataFrame) -> np.ndarray:
    """Predict the Dice score of each row that `describe` gave: array (rows,)."""
    x = _logit(table[model["predictors"]].to_numpy(float))
    z = (x - np.array(model["centre"])) / np.array(model["scale"])
    return 1 / (1 + np.exp(-(model["intercept"] + z @ np.array(model["slope"]))))


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 0.005, 0.995)
    return np.log(p / (1 - p))


def unusual(model: dict, row: pd.Series | dict) -> list[str]:
    """Say in words what lies outside the 99 % prediction interval of the training set."""
    units = {"volume_ml": ("volume", "ml", 0), "intensity": ("median intensity", "of 3 SD", 2)}
    found = []
    for name, (low, high) in model["usual"].items():
        if not low <= row[name] <= high:
            title, unit, digits = units[name]
            found.append(f"{title} {row[name]:.{digits}f} {unit} (usual: {low:.{digits}f} to {high:.{digits}f})")
    return found
