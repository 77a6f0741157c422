"""Disease activity from questionnaire items and blood tests: BASDAI and ASDAS (paper, section 2.3).

Functions take numbers or arrays; a missing item (NaN) makes the index missing.
"""

import numpy as np
import pandas as pd

from vhi.io.errors import InputError

BASDAI_ITEMS = [f"basdai_q{number}" for number in range(1, 7)]
REPEAT_WEEKS = {"anti-TNF": 12, "anti-IL-17": 16}
"""Weeks of treatment after which the scan is repeated, by class of drug (section 2.2)."""

CRP_FLOOR = 2.0  # mg/L; lower values count as this one (Machado P et al., Arthritis Rheumatol 2015; 67: 408-413)
LARGEST_CRP, LARGEST_ESR = 600.0, 200.0  # mg/L and mm/h: more is no measurement in these units
# A cohort that starts a biologic has a median CRP of some 5 to 20 mg/L; under 1, over so many values, it is mg/dL.
LOW_CRP_MEDIAN, LOW_CRP_VALUES = 1.0, 10


def _within(name: str, value, largest: float, hint: str) -> np.ndarray:
    """Give the value as an array of floats; refuse what the scale does not hold."""
    value = np.asarray(value, float)
    wrong = value[(value < 0) | (value > largest)]
    if wrong.size:
        raise InputError(f"{name}: expected 0 to {largest:g}, found {wrong.ravel()[0]:g}; {hint}")
    return value


def _item(name: str, value) -> np.ndarray:
    return _within(name, value, 10, "items are on a scale of 0 to 10 (cm): divide millimetres by 10")


def _asdas_items(*values) -> list[np.ndarray]:
    names = ("BASDAI 2", "BASDAI 6", "global assessment", "BASDAI 3")
    return [_item(name, value) for name, value in zip(names, values, strict=True)]


def basdai(q1, q2, q3, q4, q5, q6):
    """Bath Ankylosing Spondylitis Disease Activity Index, 0 to 10.

    Parameters
    ----------
    q1, q2, q3, q4, q5, q6 : float or array
        Items, 0 to 10: fatigue, spinal pain, joint pain or swelling, tenderness, severity and duration of morning
        stiffness.

    Returns
    -------
    float or array
        (q1 + q2 + q3 + q4 + (q5 + q6) / 2) / 5.

    Raises
    ------
    InputError
        If an item is outside 0 to 10.

    References
    ----------
    Garrett S et al. J Rheumatol 1994; 21: 2286-2291.

    Examples
    --------
    >>> round(float(basdai(6, 5, 4, 3, 7, 5)), 6)
    4.8
    """
    q = [_item(f"BASDAI {number}", value) for number, value in enumerate((q1, q2, q3, q4, q5, q6), 1)]
    return (q[0] + q[1] + q[2] + q[3] + (q[4] + q[5]) / 2) / 5


def asdas_crp(q2, q6, pga, q3, crp_mg_l):
    """Ankylosing Spondylitis Disease Activity Score with C-reactive protein.

    Parameters
    ----------
    q2, q6, pga, q3 : float or array
        BASDAI 2 (spinal pain), 6 (duration of morning stiffness), patient's global assessment, BASDAI 3, each 0 to 10.
    crp_mg_l : float or array
        C-reactive protein in mg/L (not mg/dL); under 2 it counts as 2.

    Returns
    -------
    float or array
        0.121 q2 + 0.058 q6 + 0.110 pga + 0.073 q3 + 0.579 ln(crp + 1).

    Raises
    ------
    InputError
        If an item is outside 0 to 10, or CRP outside 0 to 600.

    References
    ----------
    Lukas C et al. Ann Rheum Dis 2009; 68: 18-24. Machado P et al. Arthritis Rheumatol 2015; 67: 408-413 (floor).

    Examples
    --------
    >>> round(float(asdas_crp(6, 5, 7, 4, 10)), 4), round(float(asdas_crp(0, 0, 0, 0, 0)), 4)
    (3.4664, 0.6361)
    """
    q2, q6, pga, q3 = _asdas_items(q2, q6, pga, q3)
    crp = np.maximum(_within("CRP", crp_mg_l, LARGEST_CRP, "give it in mg/L"), CRP_FLOOR)  # NaN stays NaN
    return 0.121 * q2 + 0.058 * q6 + 0.110 * pga + 0.073 * q3 + 0.579 * np.log(crp + 1)


def asdas_esr(q2, q6, pga, q3, esr_mm_h):
    """Ankylosing Spondylitis Disease Activity Score with the erythrocyte sedimentation rate (mm/h); else as `asdas_crp`.

    Returns
    -------
    float or array
        0.113 pga + 0.293 sqrt(esr) + 0.086 q3 + 0.069 q6 + 0.079 q2.

    References
    ----------
    Lukas C et al. Ann Rheum Dis 2009; 68: 18-24.

    Examples
    --------
    >>> round(float(asdas_esr(6, 5, 7, 4, 25)), 4)
    3.419
    """
    q2, q6, pga, q3 = _asdas_items(q2, q6, pga, q3)
    esr = _within("ESR", esr_mm_h, LARGEST_ESR, "give it in mm/h")
    return 0.113 * pga + 0.293 * np.sqrt(esr) + 0.086 * q3 + 0.069 * q6 + 0.079 * q2


def check_units(clinical: pd.DataFrame, name: str = "clinical.tsv", low_crp: str = "refuse") -> None:
    """Refuse a column of CRP that looks like mg/dL.

    Parameters
    ----------
    clinical : DataFrame
        Column ``crp_mg_l``.
    name : str
        The file, for the message.
    low_crp : {"refuse", "accept"}
        What to do with a cohort whose median CRP is under 1 mg/L.

    Raises
    ------
    InputError
        If the median of ten or more values is under 1.
    """
    crp = clinical["crp_mg_l"].dropna()
    if low_crp == "refuse" and crp.size >= LOW_CRP_VALUES and crp.median() < LOW_CRP_MEDIAN:
        raise InputError(
            f"{name}, column 'crp_mg_l': expected mg/L, found a median of {crp.median():g} over {crp.size} values, which "
            "looks like mg/dL; multiply by 10, or set clinical.low_crp: accept in the config"
        )


def disease_activity(clinical: pd.DataFrame) -> pd.DataFrame:
    """Compute the indices of every assessment.

    Parameters
    ----------
    clinical : DataFrame
        Columns of ``config/schemas/clinical.schema.yaml``, one row per subject and session.

    Returns
    -------
    DataFrame
        ``subject session basdai asdas_crp asdas_esr spinal_vas_cm crp_mg_l esr_mm_h``; NaN where an item is missing.
    """
    items = [clinical[column] for column in ("basdai_q2", "basdai_q6", "pga", "basdai_q3")]
    _item("spinal pain", clinical["spinal_vas_cm"])
    return clinical[["subject", "session"]].assign(
        basdai=basdai(*(clinical[column] for column in BASDAI_ITEMS)),
        asdas_crp=asdas_crp(*items, clinical["crp_mg_l"]),
        asdas_esr=asdas_esr(*items, clinical["esr_mm_h"]),
        **{column: clinical[column] for column in ("spinal_vas_cm", "crp_mg_l", "esr_mm_h")},
    )
