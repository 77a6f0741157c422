"""Outcomes of every universe, by the estimators of section 2.7."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from vhi.multiverse.names import OF_AGREEMENT, OUTCOMES
from vhi.multiverse.readings import Values
from vhi.statistics.agreement import limits_of_agreement
from vhi.statistics.estimates import NAN
from vhi.statistics.reliability import icc_a1
from vhi.statistics.responders import agreement_of_judgements
from vhi.statistics.slopes import line
from vhi.statistics.values import cut_of, on_scale
from vhi.study.multiverse import ANALYSING


def outcome_table(
    universes: Sequence[Mapping],
    table: pd.DataFrame,
    values: Values,
    scans: pd.DataFrame,
    clinical: pd.DataFrame | None,
) -> pd.DataFrame:
    """Compute the outcomes of every universe; what universes share is computed once.

    Parameters
    ----------
    universes : sequence of mapping
        Complete settings.
    table : DataFrame
        From `readings.universe_table`, in the same order.
    values : Values
    scans : DataFrame
        By `readings.SCANS`.
    clinical : DataFrame, optional
        ``subject session rule response``.

    Returns
    -------
    DataFrame
        ``universe`` and `OUTCOMES`; NaN for what the study cannot give. ``bias`` to ``width_relative`` are of the first two
        readers, by the paper's method. Raw values are truncated at the universe's quantile (1 leaves nothing out); ICC and change
        are not. ``mean_change`` and ``srm`` are post less pre, so that negative is improvement, and of subjects who also have
        SPARCC where the study has it. ``responders`` and the clinical agreement are by any improvement.
    """
    keys = [key for key in ("rule", "session") if clinical is not None and key in clinical]
    responses = {key: of.set_index("subject")["response"] for key, of in clinical.groupby(keys)} if keys else {}
    of_scans = dict(list(scans.groupby("segmentation")))

    @cache
    def agreement(*key):
        return agreement_of(values, *key)

    @cache
    def change(*key):
        return change_of(values, *key)

    @cache
    def clinical_agreement(segmentation, unit, reader, session, rule):
        return _clinical(values, segmentation, unit, reader, session, responses.get((rule, session)))

    @cache
    def preliminary(segmentation, session):
        return _preliminary(values, of_scans.get(segmentation), session)

    @cache
    def carried(segmentation):
        part = values.parts.get(segmentation)
        if part is None:
            return {}
        total = part["vhi_voxels"].sum() + part["unjudged"].sum()
        share = float(part["unjudged"].sum() / total) if total else NAN
        return {"unjudged": share, "as_cleaned": float((part["as_cleaned"] == "yes").mean())}

    rows = []
    for universe, segmentation in zip(universes, table["segmentation"], strict=True):
        reader, unit, scale, cut, rule, session = (universe[key] for key in ANALYSING)
        row = agreement(segmentation, unit, scale, cut, session) | change(segmentation, unit, scale, reader, session)
        row |= {"slope": slope_of(values, segmentation, unit, scale, cut, reader)} | carried(segmentation)
        rows.append(
            row | clinical_agreement(segmentation, unit, reader, session, rule) | preliminary(segmentation, session)
        )
    return pd.DataFrame(rows, columns=OUTCOMES).assign(universe=table["universe"])[["universe", *OUTCOMES]]


def _cut(known: np.ndarray, scale: str, quantile: float) -> float:
    """Largest value that is not left out."""
    return cut_of(pd.Series(known.ravel()), quantile) if scale == "raw" else np.inf


def agreement_of(values: Values, segmentation: str, unit: str, scale: str, quantile: float, session: str) -> dict:
    """Bias, limits and ICC of the readers; an empty dict with fewer than two."""
    table = values.vhi(segmentation, unit)
    if table.shape[1] < 2 or np.isnan(table).all():
        return {}
    a, b = table[:, :2].T
    with np.errstate(invalid="ignore"):
        kept = (a + b) / 2 <= _cut(table, scale, quantile)
    a, b = on_scale(a[kept], scale), on_scale(b[kept], scale)
    found = limits_of_agreement(a, b)
    mean = float((a + b).mean() / 2) if a.size else NAN
    scaled = on_scale(table, scale)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.divide([found.bias, found.upper - found.lower], mean)
    pre, post = values.visits(scaled, session)
    complete = {"icc": scaled, "icc_change": post - pre}
    iccs = {name: icc_a1(of[~np.isnan(of).any(axis=1)]) for name, of in complete.items()}
    row = dict(zip(OF_AGREEMENT, (found.bias, found.sd, found.lower, found.upper, *relative.tolist()), strict=True))
    return row | iccs


def slope_of(values: Values, segmentation: str, unit: str, scale: str, quantile: float, reader: str) -> float:
    """Least-squares slope of V_HI on SPARCC; NaN with fewer than three scans."""
    if values.sparcc is None:
        return NAN
    table = values.vhi(segmentation, unit)
    y, x = values.of_reader(table, reader, values.readers), values.of_reader(values.sparcc, reader, values.scorers)
    with np.errstate(invalid="ignore"):
        kept = ~np.isnan(x) & ~np.isnan(y) & (y <= _cut(table, scale, quantile))
    return line(x[kept], on_scale(y[kept], scale))[0] if kept.sum() >= 3 else NAN


def scaled_change(values: Values, segmentation: str, unit: str, scale: str, reader: str, session: str) -> np.ndarray:
    """Change of every subject, post less pre, (subjects,); NaN where V_HI or, if the study has it, SPARCC is missing."""
    pre, post = on_scale(values.paired(values.vhi(segmentation, unit), reader, values.readers, session), scale)
    change = post - pre
    if values.sparcc is not None and (reader == "mean" or reader in values.scorers):
        scored = values.paired(values.sparcc, reader, values.scorers, session)
        change = np.where(np.isnan(scored).any(axis=0), np.nan, change)
    return change


def change_of(values: Values, segmentation: str, unit: str, scale: str, reader: str, session: str) -> dict:
    """Mean change, standardised response mean with the P of its t test, and share of responders."""
    change = scaled_change(values, segmentation, unit, scale, reader, session)
    row = standardised(change)
    raw = np.diff(values.paired(values.vhi(segmentation, unit), reader, values.readers, session), axis=0)[0]
    raw = raw[~np.isnan(raw)]
    return row | {"responders": float((raw < 0).mean()) if raw.size else NAN}


def standardised(change: np.ndarray) -> dict:
    """Subjects, mean, mean / SD and two-sided P of changes; NaN with fewer than two or without spread."""
    change = change[~np.isnan(change)]
    n = change.size
    row = {"subjects": n, "mean_change": float(change.mean()) if n else NAN, "srm": NAN, "p_change": NAN}
    if n > 1 and (sd := change.std(ddof=1)) > 0:
        srm = float(change.mean() / sd)
        row |= {"srm": srm, "p_change": float(2 * stats.t.sf(abs(srm) * np.sqrt(n), n - 1))}
    return row


def _clinical(
    values: Values, segmentation: str, unit: str, reader: str, session: str, response: pd.Series | None
) -> dict:
    """Kappa and share of agreement of any improvement with clinical response."""
    if response is None:
        return {}
    change = np.diff(values.paired(values.vhi(segmentation, unit), reader, values.readers, session), axis=0)[0]
    judged = pd.Series(np.where(change < 0, "yes", "no"), values.subjects, dtype=object).where(~np.isnan(change), None)
    both = pd.DataFrame({"a": response, "b": judged})
    found = agreement_of_judgements(both["a"], both["b"])
    return {name: found[name] for name in ("kappa", "agreement")}


def _preliminary(values: Values, scans: pd.DataFrame | None, session: str) -> dict:
    """Size, change and Dice of the preliminary segmentation."""
    if scans is None:
        return {}
    of = scans.set_index("scan").reindex(values.scans)
    change = np.diff(values.visits(np.log1p(of["voxels"].to_numpy(float)), session), axis=0)[0]
    known = change[~np.isnan(change)]
    row = {"preliminary_voxels": float(of["voxels"].mean()), "preliminary_srm": standardised(change)["srm"]}
    row |= {"preliminary_falls": float((known < 0).mean()) if known.size else NAN}
    return row | {name: float(of[name].astype(float).median()) for name in ("composite_dice", "oracle_dice")}


def change_matrix(universes: Sequence[Mapping], table: pd.DataFrame, values: Values) -> np.ndarray:
    """Change of every subject in every universe, on the universe's unit and scale, (universes, subjects)."""
    keys = ("statistics.vhi_unit", "statistics.scale", "response.reader", "response.session")
    change = cache(lambda *key: scaled_change(values, *key))
    return np.array(
        [change(of, *(one[key] for key in keys)) for one, of in zip(universes, table["segmentation"], strict=True)]
    )
