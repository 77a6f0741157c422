"""Simulated patients: their symptoms before and after treatment."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from vhi.simulation.cohort import SESSIONS
from vhi.simulation.naming import generator
from vhi.statistics.clinical import REPEAT_WEEKS


def clinical_table(subjects: pd.DataFrame, true_mm3: Mapping[str, float], seed: int) -> pd.DataFrame:
    """Give `clinical.tsv`: symptoms and blood tests before and after treatment, tied weakly to the true inflammation.

    Parameters
    ----------
    subjects : pandas.DataFrame
        From `subjects_table`.
    true_mm3 : mapping of str to float
        True volume of inflammation by scan, mm^3.
    seed : int

    Returns
    -------
    pandas.DataFrame
        Columns `subject`, `session`, `date_offset_days`, `basdai_q1` to `basdai_q6`, `pga`, `spinal_vas_cm` (0 to 10,
        one decimal), `crp_mg_l`, `esr_mm_h` (a few missing).
    """
    rows = []
    for subject in subjects.itertuples():
        rng = generator(seed, subject.subject, "clinical")
        own, placebo = rng.normal(0, 1), rng.normal(-1.5, 1.8)
        for session in SESSIONS:
            inflammation = (np.log1p(true_mm3[f"{subject.subject}_{session}"]) - 7) / 2.5
            # ASSUME One latent activity drives all symptoms: the MRI's inflammation (standardised logarithm) and the
            # subject's own in equal parts; treatment lowers them by 1.5 points on average whatever the MRI does.
            level = 6.3 + 0.9 * inflammation + 0.8 * own + (placebo if session == "post" else 0)
            items = np.clip(np.round(level + rng.normal(0, 1.1, 8), 1), 0, 10)
            crp = float(np.exp(1.7 + 0.6 * inflammation + rng.normal(0, 0.8)))
            esr = float(np.clip(8 + 2.2 * np.sqrt(crp) + rng.normal(0, 5), 1, 120))
            weeks = REPEAT_WEEKS[subject.biologic_class] + rng.uniform(-2, 2)
            rows.append(
                {
                    "subject": subject.subject,
                    "session": session,
                    "date_offset_days": round(7 * weeks) if session == "post" else 0,
                    **{f"basdai_q{number}": float(items[number - 1]) for number in range(1, 7)},
                    "pga": float(items[6]),
                    "spinal_vas_cm": float(items[7]),
                    "crp_mg_l": round(max(crp, 0.6), 1),
                    "esr_mm_h": "" if rng.random() < 0.03 else str(round(esr)),
                }
            )
    return pd.DataFrame(rows)
