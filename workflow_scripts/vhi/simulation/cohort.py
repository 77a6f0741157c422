"""The simulated study: who takes part, what they take, how they feel, and the study's tables.

Symptoms hang on the true inflammation only weakly, as in life: in the study neither V_HI nor SPARCC agreed closely with
clinical response (section 3.5).
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from vhi.io.errors import InputError
from vhi.simulation.naming import generator, scan_name
from vhi.statistics.sparcc import sum_sheets

SESSIONS = ("pre", "post")

BIOLOGICS = {"adalimumab": "anti-TNF", "etanercept": "anti-TNF", "golimumab": "anti-TNF", "secukinumab": "anti-IL-17"}

MALE_SHARE = 13 / 29  # section 2.2


def design_study(
    subjects: int, seed: int, train: int = 8, test: int = 2, fatty: int = 2, sclerotic: int = 1
) -> pd.DataFrame:
    """Lay out a study: which subjects are outlined for training and test, and which have abnormal marrow.

    Abnormal marrow is kept out of the outlined scans, as in the study, whose network failed on it (section 3.2).

    Parameters
    ----------
    subjects : int
    seed : int
    train, test : int
        Subjects with one scan outlined by hand each.
    fatty, sclerotic : int
        Subjects with abnormal marrow.

    Returns
    -------
    pandas.DataFrame
        One row per subject: `subject`, `marrow`, `role` (train, test or apply), `outlined` (the session of the scan
        outlined by hand, or empty).

    Raises
    ------
    vhi.io.errors.InputError
        If the numbers don't fit.
    """
    if min(train, test, fatty, sclerotic) < 0 or train + test + fatty + sclerotic > subjects:
        raise InputError(
            f"{train} training, {test} test, {fatty} fatty and {sclerotic} sclerotic subjects don't fit into {subjects}"
        )
    rng = generator(seed, "study", "design")
    kinds = ["fatty"] * fatty + ["sclerotic"] * sclerotic
    marrow = np.array(["normal"] * (subjects - len(kinds)) + kinds)
    role = np.array(["train"] * train + ["test"] * test + ["apply"] * (subjects - train - test))
    order = rng.permutation(subjects)
    outlined = np.where(role == "apply", "", np.where(np.arange(subjects) % 5 < 3, "pre", "post"))  # 6 of 10 are pre
    return pd.DataFrame(
        {
            "subject": [f"sim{number:02d}" for number in range(1, subjects + 1)],
            "marrow": marrow[order],
            "role": role[order],
            "outlined": outlined[order],
        }
    )


def scans_table(design: pd.DataFrame, files: Mapping[str, str], repeated: int = 0) -> pd.DataFrame:
    """Give `scans.tsv`: two scans per subject; a manual disease region only where one was outlined.

    Parameters
    ----------
    design : pandas.DataFrame
        From `design_study`.
    files : mapping of str to str
        Patterns with `{scan}` for the columns `t1w`, `stir`, `normal_marrow` and `disease_region`.
    repeated : int
        Subjects, the first that nobody outlined, who are scanned twice at each session.

    Returns
    -------
    pandas.DataFrame
        Columns `scan`, `subject`, `session`, `repeat`, `t1w`, `stir`, `normal_marrow`, `disease_region`,
        `disease_region_corrected`, `role`.
    """
    rows = []
    twice = set(design.loc[design["outlined"] == "", "subject"].iloc[:repeated])
    for subject in design.itertuples():
        for session, repeat in product(SESSIONS, (1, 2) if subject.subject in twice else (1,)):
            scan = scan_name(subject.subject, session, repeat)
            outlined = session == subject.outlined
            names = {column: files[column].format(scan=scan) for column in ("t1w", "stir", "normal_marrow")}
            rows.append(
                {
                    "scan": scan,
                    "subject": subject.subject,
                    "session": session,
                    "repeat": repeat,
                    **names,
                    "disease_region": files["disease_region"].format(scan=scan) if outlined else "",
                    "disease_region_corrected": "",
                    "role": subject.role if outlined else "apply",
                }
            )
    return pd.DataFrame(rows)


def drawn_scans(scans: pd.DataFrame, count: int = 8) -> list[str]:
    """Choose the scans that both readers draw by hand twice: outlined scans of `count` subjects, in table order."""
    return scans.loc[scans["role"] != "apply", "scan"].tolist()[:count]


def readings_table(
    scans: pd.DataFrame, drawn: Sequence[str], readers: Sequence[str], files: Mapping[str, str]
) -> pd.DataFrame:
    """Give `readings.tsv`: two manual trials of the drawn scans and one cleaning of every scan, by every reader.

    Parameters
    ----------
    scans : pandas.DataFrame
        From `scans_table`.
    drawn : sequence of str
        Scans drawn by hand.
    readers : sequence of str
    files : mapping of str to str
        Patterns with `{scan}` and `{reader}`, and `{trial}` for `manual`; for `semiautomatic` it may be left out,
        then these rows have no mask yet.

    Returns
    -------
    pandas.DataFrame
        Columns `scan`, `reader`, `trial`, `method`, `mask`, `vhi_voxels` (empty: to be counted).
    """
    manual = [
        (scan, reader, str(trial), "manual", files["manual"].format(scan=scan, reader=reader, trial=trial), "")
        for scan in drawn
        for reader in readers
        for trial in (1, 2)
    ]
    pattern = files.get("semiautomatic", "")
    cleaned = [
        (scan, reader, "1", "semiautomatic", pattern.format(scan=scan, reader=reader), "")
        for scan in scans["scan"]
        for reader in readers
    ]
    return pd.DataFrame(manual + cleaned, columns=["scan", "reader", "trial", "method", "mask", "vhi_voxels"])


def scores_table(sheets: pd.DataFrame) -> pd.DataFrame:
    """Give `scores.tsv` from `sparcc_sheets.tsv`: the sum of a reader's component sheet per scan."""
    return sum_sheets(sheets).assign(source="sheet")


def subjects_table(design: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give `subjects.tsv`: age (mean 42.4 in the study), sex, HLA-B27, years of disease and the biologic."""
    # ASSUME Of the study only the mean age and the sexes are known; HLA-B27 in 80 %, disease of about 12 years, and
    # anti-TNF in three of four are common values for a cohort starting a biologic.
    rows = []
    for subject in design["subject"]:
        rng = generator(seed, subject, "demographics")
        age = int(np.clip(round(rng.normal(42.4, 12)), 18, 85))
        biologic = str(rng.choice(list(BIOLOGICS), p=[0.4, 0.2, 0.15, 0.25]))
        rows.append(
            {
                "subject": subject,
                "age": age,
                "sex": "male" if rng.random() < MALE_SHARE else "female",
                "hla_b27": "positive" if rng.random() < 0.8 else "negative",
                "disease_years": round(min(float(rng.gamma(1.6, 7)) + 0.5, age - 15), 1),
                "biologic": biologic,
                "biologic_class": BIOLOGICS[biologic],
            }
        )
    return pd.DataFrame(rows)
