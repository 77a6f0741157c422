"""Readings of every segmentation of a study: from the measurements where it is the study's own, else from the masks."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from vhi.multiverse.masks import PRELIMINARY
from vhi.statistics.values import SESSIONS, first_cleanings
from vhi.study.multiverse import SEGMENTING, masks_name

READINGS = ["segmentation", "scan", "subject", "session", "reader", "vhi_voxels", "vhi_mm3", "unjudged", "as_cleaned"]
SCANS = ["segmentation", "scan", "subject", "session", "voxels", "lower", "upper", "composite_dice", "oracle_dice"]
MEAN = "mean"


def universe_table(universes: Sequence[Mapping], axes: Sequence[str], base: Mapping) -> pd.DataFrame:
    """Number the universes, and the segmentations among them.

    Returns
    -------
    DataFrame
        ``universe segmentation base`` and a column per axis; base is yes where every choice is the config's.
    """
    table = pd.DataFrame(list(universes))
    number = table[list(SEGMENTING)].astype(str).agg("|".join, axis=1)
    order = {key: place for place, key in enumerate(dict.fromkeys(number), 1)}
    is_base = [all(universe[key] == base[key] for key in axes) for universe in universes]
    return table[list(axes)].assign(
        universe=[f"u{place:05}" for place in range(1, 1 + len(table))],
        segmentation=number.map(order).map("s{:04}".format),
        base=np.where(is_base, "yes", "no"),
    )[["universe", "segmentation", "base", *axes]]


def segmentation_tables(
    table: pd.DataFrame,
    universes: Sequence[Mapping],
    base: Mapping,
    groups: Mapping[str, Mapping[str, str]],
    masks: Mapping[str, pd.DataFrame],
    measurements: pd.DataFrame | None,
    visits: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give V_HI of every reading, and the numbers of every preliminary segmentation.

    Parameters
    ----------
    table : DataFrame
        From `universe_table`.
    universes : sequence of mapping
        Complete settings, in the order of the table.
    base : mapping
        The config's settings.
    groups : mapping
        Group of each scan, by source of the disease region.
    masks : mapping of DataFrame
        By name; columns of `masks.MASKS` and ``voxel_mm3``.
    measurements : DataFrame, optional
        Of `6_cleaning`; the study's own segmentation takes its V_HI from there, so that counts without masks stay.
    visits : DataFrame
        ``scan subject session``, without repeated scans.

    Returns
    -------
    readings, scans : DataFrame
        By `READINGS` and `SCANS`.
    """
    first = table.drop_duplicates("segmentation")
    parts = {name: dict(list(of.groupby(["excluded_marrow", "vhi"]))) for name, of in masks.items()}
    readings, scans = [pd.DataFrame(columns=READINGS)], [pd.DataFrame(columns=SCANS)]
    for place, segmentation in first["segmentation"].items():
        universe = universes[place]
        key = universe["normal_marrow.exclude_from_disease_region"], universe["limits.vhi"]
        names = [
            masks_name(universe, group) for group in sorted(set(groups[universe["disease_region.source"]].values()))
        ]
        found = [parts[name][key] for name in names if key in parts.get(name, {})]
        known = pd.concat(found).merge(visits, on="scan") if found else pd.DataFrame(columns=["reader"])
        whole = known["reader"] == PRELIMINARY
        scans.append(known[whole].assign(segmentation=segmentation).reindex(columns=SCANS))
        of_readers = known[~whole]
        if measurements is not None and all(universe[k] == base[k] for k in SEGMENTING):
            of_readers = first_cleanings(measurements).dropna(subset="vhi_voxels").assign(unjudged=0, as_cleaned="yes")
        elif len(of_readers):
            of_readers = of_readers.assign(
                vhi_voxels=of_readers["voxels"], vhi_mm3=of_readers["voxels"] * of_readers["voxel_mm3"]
            )
        readings.append(of_readers.assign(segmentation=segmentation).reindex(columns=READINGS))
    return tuple(
        pd.concat([part for part in parts if len(part)] or parts, ignore_index=True) for parts in (readings, scans)
    )


class Values:
    """V_HI and SPARCC as arrays of scans and readers.

    Parameters
    ----------
    readings : DataFrame
        By `READINGS`.
    readers : sequence of str
        Of V_HI, in the order of the study.
    visits : DataFrame
        ``scan subject session``.
    sparcc : DataFrame, optional
        ``scan reader sparcc``.
    first : str
        The visit with which every later one is compared.
    """

    def __init__(
        self,
        readings: pd.DataFrame,
        readers: Sequence[str],
        visits: pd.DataFrame,
        sparcc: pd.DataFrame | None = None,
        first: str = SESSIONS[0],
    ):
        self.readers, self.scans = list(readers), visits["scan"].to_numpy()
        self.parts = dict(list(readings.groupby("segmentation")))
        self.subjects = np.array(list(dict.fromkeys(visits["subject"])))
        place = pd.Series(range(len(self.scans)), self.scans)
        of_session = {session: of.set_index("subject")["scan"] for session, of in visits.groupby("session")}
        # -1 where a subject was not scanned at a visit.
        self.places = {
            session: scans.reindex(self.subjects).map(place).fillna(-1).to_numpy(int)
            for session, scans in of_session.items()
        }
        self.first = first
        self.sparcc, self.scorers = None, []
        if sparcc is not None:
            scored = set(sparcc["reader"])
            self.scorers = [reader for reader in readers if reader in scored]
            self.sparcc = self._wide(sparcc, "sparcc", self.scorers)

    def _wide(self, frame: pd.DataFrame, column: str, readers: Sequence[str]) -> np.ndarray:
        wide = frame.pivot(index="scan", columns="reader", values=column)
        return wide.reindex(index=self.scans, columns=list(readers)).to_numpy(float)

    @cache  # noqa: B019 one per run of a script
    def vhi(self, segmentation: str, unit: str) -> np.ndarray:
        """V_HI, (scans, readers); NaN where not known."""
        if segmentation not in self.parts:
            return np.full((len(self.scans), len(self.readers)), np.nan)
        return self._wide(self.parts[segmentation], f"vhi_{unit}", self.readers)

    def of_reader(self, values: np.ndarray, reader: str, readers: Sequence[str]) -> np.ndarray:
        """Values of one reader, or the mean of those who have read a scan, (scans,)."""
        if reader == MEAN:
            return _mean(values)
        return values[:, list(readers).index(reader)] if reader in readers else np.full(len(values), np.nan)

    def paired(self, values: np.ndarray, reader: str, readers: Sequence[str], session: str) -> np.ndarray:
        """Values at the first visit and at another, (2, subjects); the mean is over those who read both, as in `changes`."""
        both = self.visits(values, session)
        if reader == MEAN:
            both = np.where(np.isnan(both).any(axis=0), np.nan, both)
            return np.array([_mean(visit) for visit in both])
        return both[:, :, list(readers).index(reader)] if reader in readers else np.full(both.shape[:2], np.nan)

    def visits(self, values: np.ndarray, session: str) -> np.ndarray:
        """Values at the first visit and at another, (2, subjects, ...); NaN where a subject lacks one."""
        nowhere = np.full(len(self.subjects), -1)
        places = np.array([self.places.get(name, nowhere) for name in (self.first, session)])
        found = values[places].astype(float)
        found[places < 0] = np.nan
        return found


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=-1) / np.where(known.any(axis=-1), known.sum(axis=-1), np.nan)
