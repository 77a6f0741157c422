"""Which scans the figures of single scans show, where the config does not say."""

from collections.abc import Sequence

import pandas as pd


def choose_examples(
    volumes: pd.DataFrame, scans: Sequence[str], subject: str | None, sessions: Sequence[str] = ("pre", "post")
) -> pd.DataFrame:
    """Choose the scans of Figs 1, 3 and 8.

    Parameters
    ----------
    volumes : DataFrame
        Columns ``scan subject session voxels``: the mean V_HI of the readers, or the preliminary voxels.
    scans : sequence of str
        Configured scans of Figs 1 and 3; may be empty, and those that are not there are passed over.
    subject : str, optional
        Configured subject of Fig 8.
    sessions : sequence of str
        The two visits that Fig 8 compares.

    Returns
    -------
    DataFrame
        ``figure scan why``. Without a configured choice Fig 1 shows the scan at the upper quartile of the volumes above 0,
        Fig 3 that and the one at the median, Fig 8 the subject in whom the volume fell most. No row for Fig 8 where no
        subject has both sessions.
    """
    scans = [scan for scan in scans if scan in set(volumes["scan"])]
    if scans:
        chosen = [(scan, "configured") for scan in list(scans)[:2]]
    else:
        seen = volumes[volumes["voxels"] > 0]
        seen = (seen if len(seen) else volumes).sort_values(["voxels", "scan"], kind="stable")["scan"].tolist()
        places = [("upper quartile", round(0.75 * (len(seen) - 1))), ("median", round(0.5 * (len(seen) - 1)))]
        chosen = list({seen[place]: (seen[place], f"{name} of the volumes above 0") for name, place in places}.values())
    rows = [("1", *chosen[0]), *(("3", *choice) for choice in chosen)]
    wide = volumes.pivot(index="subject", columns="session", values="scan").reindex(columns=sessions).dropna()
    if subject is None and len(wide):
        size = volumes.set_index("scan")["voxels"]
        fall = wide[sessions[0]].map(size) - wide[sessions[1]].map(size)
        subject, why = str(fall.idxmax()), "largest fall"
    else:
        why = "configured"
    if subject in wide.index:
        rows += [("8", wide.loc[subject, session], why) for session in sessions]
    return pd.DataFrame(rows, columns=["figure", "scan", "why"])


def choose_failures(
    quality: pd.DataFrame, compared: pd.DataFrame, subjects: dict[str, str], count: int
) -> pd.DataFrame:
    """Choose the scans of Fig S2: those whose disease region by the ensemble is worst, one per subject.

    Parameters
    ----------
    quality : DataFrame
        Columns ``scan predicted_dice``.
    compared : DataFrame
        Columns ``scan`` and ``<source>_mean_slice_dice`` with the sources corrected, manual, published.
    subjects : dict of str to str
        Subject by scan.
    count : int

    Returns
    -------
    DataFrame
        ``scan dice why``, worst first: by the Dice score with a corrected region, or by the predicted one where no score
        with a human's is worse.
    """
    table = quality[["scan", "predicted_dice"]].merge(compared, on="scan")
    parts = [table[["scan", "predicted_dice"]].set_axis(["scan", "dice"], axis=1).assign(why="predicted Dice")]
    for source in ("corrected", "manual", "published"):
        column = f"{source}_mean_slice_dice"
        if column in table:
            part = table[["scan", column]].set_axis(["scan", "dice"], axis=1)
            parts.append(part.assign(why=f"Dice with the {source} region"))
    found = pd.concat([part.dropna(subset=["dice"]).astype({"dice": float}) for part in parts])
    found = found.sort_values(["dice", "scan"], kind="stable")
    return found.loc[~found["scan"].map(subjects).duplicated()].head(count).reset_index(drop=True)
