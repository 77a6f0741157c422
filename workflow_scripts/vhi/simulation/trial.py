"""A simulated trial from measurements on: no images, readings are counts."""

import numpy as np
import pandas as pd

from vhi.simulation.naming import generator

SESSIONS = ("week0", "week4", "week12", "week24", "week52")
DAYS = (0, 28, 84, 168, 364)
SITES = {"Berlin": 0.4, "Leeds": 0.0, "Utrecht": -0.2}
"""Shift of log V_HI by site: another scanner."""
LASTING = {"active": -1.1, "placebo": -0.3}
"""Change of log V_HI that the arm tends to."""
REACHED = (0.0, 0.35, 0.75, 1.0, 0.95)
"""Share of that change at each visit."""
READERS = {"R1": 0.0, "R2": 0.18}
"""Constant difference of each reader's log V_HI."""
DRIFT = {"R1": 0.0, "R2": 0.0004}
"""Change of it with each reading: R2 keeps more and more."""
VOXEL_MM3 = 4.2


def trial_tables(subjects: int, seed: int, visits: int = len(SESSIONS)) -> dict[str, pd.DataFrame]:
    """Draw a trial: subjects in two arms at three sites, five visits, two readers.

    Parameters
    ----------
    subjects : int
    seed : int
    visits : int
        The first so many of `SESSIONS`.

    Returns
    -------
    dict of DataFrame
        ``scans``, ``subjects``, ``readings``, ``scores`` and ``clinical``, as the schemas of a study's tables want them. Visits
        go missing more often the later they are; R2 reads nine of ten scans. V_HI is 0 in some subjects.

    Notes
    -----
    log V_HI = subject + site + arm's change (own to each subject) + visit + reader + drift + rest. SPARCC and symptoms follow the
    same latent inflammation with noise of their own. All numbers were set by hand and stand for no real drug.
    """
    people, scans, readings, scores, clinical = [], [], [], [], []
    for number in range(1, subjects + 1):
        name = f"T{number:03d}"
        rng = generator(seed, name, "trial")
        arm = list(LASTING)[number % 2]
        site = list(SITES)[int(rng.integers(len(SITES)))]
        people.append(_person(name, arm, rng))
        level, reaches = rng.normal(6.2, 0.9) + SITES[site], LASTING[arm] + rng.normal(0, 0.6)
        placebo, own = rng.normal(-0.8, 1.0), rng.normal(0, 1)
        for visit, (session, day) in enumerate(zip(SESSIONS[:visits], DAYS, strict=False)):
            latent = level + REACHED[visit] * reaches + rng.normal(0, 0.35)
            days, left_out = day + (int(rng.integers(-3, 4)) if visit else 0), rng.random() < 0.03 * visit
            latent_readers = latent + rng.normal(0, 0.25, len(READERS))
            noise, by_readers = rng.normal(0, 1.1, 8), rng.random(len(READERS))
            points = 4.0 * (latent - 4.5) + rng.normal(0, 2) + rng.normal(0, 1.5, len(READERS))
            if left_out:
                continue
            scan = f"{name}_{session}"
            scans.append({"scan": scan, "subject": name, "session": session, "site": site, "date_offset_days": days}
                         | {"t1w": "", "voxel_mm3": VOXEL_MM3, "role": "apply"})  # fmt: skip
            clinical.append(
                _assessment(name, session, days, 0.5 * (latent - 6) + 0.8 * own, placebo * (visit > 0), noise)
            )
            for place, reader in enumerate(READERS):
                if reader == "R1" or by_readers[place] < 0.9:
                    readings.append({"scan": scan, "reader": reader, "latent": float(latent_readers[place])})
                    total = int(np.clip(round(float(points[place])), 0, 72))
                    scores.append({"scan": scan, "reader": reader, "sparcc": total, "source": "total"})
    table = _read_in_order(pd.DataFrame(readings), seed)
    frames = {"scans": scans, "subjects": people, "scores": scores, "clinical": clinical}
    return {name: pd.DataFrame(rows) for name, rows in frames.items()} | {"readings": table}


def _read_in_order(readings: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Put each reader's scans in an order of their own, and count what the reader keeps."""
    parts = []
    for reader, part in readings.groupby("reader", sort=False):
        order = generator(seed, reader, "order of reading").permutation(len(part)) + 1
        found = part["latent"] + READERS[reader] + DRIFT[reader] * (order - len(part) / 2)
        voxels = np.round(np.expm1((found - 3.2).clip(lower=0)) * np.exp(3.2)).astype(int)  # little is not kept at all
        about = {"trial": 1, "method": "semiautomatic", "order": order, "vhi_voxels": voxels}
        parts.append(part[["scan", "reader"]].assign(**about))
    return pd.concat(parts).sort_values(["scan", "reader"], ignore_index=True)


def _person(name: str, arm: str, rng: np.random.Generator) -> dict:
    return {
        "subject": name,
        "age": int(rng.integers(20, 61)),
        "sex": ("female", "male")[int(rng.random() < 0.55)],
        "hla_b27": ("negative", "positive")[int(rng.random() < 0.8)],
        "disease_years": round(float(rng.gamma(2, 4)), 1),
        "arm": arm,
    }


def _assessment(name: str, session: str, days: int, level: float, change: float, noise: np.ndarray) -> dict:
    items = np.clip(np.round(6 + level + change + noise, 1), 0, 10)
    return {
        "subject": name,
        "session": session,
        "date_offset_days": days,
        **{f"basdai_q{number}": float(items[number - 1]) for number in range(1, 7)},
        "pga": float(items[6]),
        "spinal_vas_cm": float(items[7]),
        "crp_mg_l": round(float(np.exp(1.8 + 0.4 * level + 0.3 * noise[0])), 1),
    }
