"""How much each choice matters: share of the variance between universes per choice and per pair of choices."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from vhi.multiverse.names import ON_VOXELS, WITH_SCALE, WITHOUT_SCALE

IMPORTANCE = ["outcome", "within", "universes", "choice", "with_choice", "share", "low", "high"]
ORDERS = 64
"""Orders of the terms over which shares are averaged; on a complete grid every order gives the same."""


def shares(y: np.ndarray, choices: pd.DataFrame, seed: int = 0, orders: int = ORDERS) -> dict[tuple[str, ...], float]:
    """Divide the variance of an outcome among choices and pairs of choices.

    Parameters
    ----------
    y : (universes,) array
    choices : (universes, axes) DataFrame
        The grid may be incomplete.
    seed : int
        Of the orders.
    orders : int

    Returns
    -------
    dict
        Share by ``(axis,)`` and ``(axis, axis)``; ``()`` is what is left to choices of three and more. A share is the reduction
        of the residual sum of squares when a term enters the least-squares model, averaged over orders of the axes and then of
        the pairs, with all axes before all pairs. NaN where the outcome does not vary.

    References
    ----------
    Lindeman RH, Merenda PF, Gold RZ. Introduction to Bivariate and Multivariate Analysis. 1980 (averaging over orders, the Shapley
    value of R2). Hooker G. J Comput Graph Stat 2007; 16: 709-732 (functional ANOVA on incomplete grids).

    Examples
    --------
    >>> grid = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1]})
    >>> {term: round(share, 3) for term, share in shares(np.array([0.0, 1, 2, 3]), grid).items()}
    {('a',): 0.8, ('b',): 0.2, ('a', 'b'): 0.0, (): 0.0}
    """
    codes = {name: pd.factorize(column)[0] for name, column in choices.items()}
    codes = {name: code for name, code in codes.items() if code.max(initial=0)}
    blocks = {(name,): np.eye(code.max() + 1)[code][:, 1:] for name, code in codes.items()}
    for a, b in combinations(codes, 2):
        blocks[a, b] = (blocks[a,][:, :, None] * blocks[b,][:, None]).reshape(len(y), -1)
    centred = y - y.mean()
    total = float(centred @ centred)
    if not blocks or not total > 1e-24 * max(1.0, float(y @ y)):
        return dict.fromkeys([*blocks, ()], float("nan"))
    design = np.concatenate(list(blocks.values()), axis=1)
    design = design - design.mean(axis=0)
    # One decomposition serves every order: afterwards only its small triangle is taken apart anew.
    q, triangle = np.linalg.qr(design)
    effect = q.T @ centred
    ends = np.cumsum([block.shape[1] for block in blocks.values()])
    columns = dict(zip(blocks, np.split(np.arange(ends[-1]), ends[:-1]), strict=True))
    mains, pairs = ([term for term in blocks if len(term) == size] for size in (1, 2))
    rng, found = np.random.default_rng(seed), dict.fromkeys(blocks, 0.0)
    for _ in range(orders):
        order = [mains[place] for place in rng.permutation(len(mains))] + [
            pairs[place] for place in rng.permutation(len(pairs))
        ]
        for term, gain in zip(order, _gains(triangle, effect, [columns[term] for term in order]), strict=True):
            found[term] += gain / orders / total
    return found | {(): max(0.0, 1 - sum(found.values()))}


def _gains(triangle: np.ndarray, effect: np.ndarray, blocks: Sequence[np.ndarray]) -> list[float]:
    """Sum of squares that each block of columns explains beyond those before it; aliased columns explain nothing."""
    ordered = triangle[:, np.concatenate(blocks)]
    scale = np.linalg.norm(ordered, axis=0).max(initial=1.0)
    basis = np.zeros((len(effect), 0))
    gains = []
    for block in blocks:
        rest = triangle[:, block]
        for _ in range(2):  # twice is enough (Giraud, Langou and Rozloznik 2005)
            rest = rest - basis @ (basis.T @ rest)
        u, size, _ = np.linalg.svd(rest, full_matrices=False)
        new = u[:, size > 1e-9 * scale]
        basis = np.concatenate([basis, new], axis=1)
        gains.append(float(((new.T @ effect) ** 2).sum()))
    return gains


def importance_table(universes: pd.DataFrame, outcomes: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Give the share of every choice and pair in every outcome.

    Parameters
    ----------
    universes, outcomes : DataFrame
        As the workflow writes them; rows belong together.
    axes : sequence of str

    Returns
    -------
    DataFrame
        By `IMPORTANCE`. Outcomes without a scale are compared over all universes; those with one within each unit and scale
        (`within`). ``with_choice`` is empty for a choice alone; ``choice`` is ``three and more`` for the rest. ``low`` and
        ``high`` are the least and the greatest mean of the outcome among the values of a choice alone.
    """
    units = [key for key in ("statistics.vhi_unit", "statistics.scale") if key in axes]
    parts = [("all", WITHOUT_SCALE, universes.index), ("voxels", ON_VOXELS, universes.index)]
    for key, of in universes.groupby(units) if units else [("the config's unit and scale", universes)]:
        parts.append((", ".join(key) if units else key, WITH_SCALE, of.index))
    rows = []
    for within, names, index in parts:
        for name in names:
            y = outcomes.loc[index, name].dropna()
            choices = universes.loc[y.index, list(axes)]
            for term, share in shares(y.to_numpy(float), choices).items() if len(y) > 1 else ():
                means = y.groupby(choices[term[0]]).mean() if len(term) == 1 else pd.Series([np.nan])
                first, second = (*term, "", "")[:2] if term else ("three and more", "")
                about = {"outcome": name, "within": within, "universes": len(y), "choice": first, "with_choice": second}
                rows.append(about | {"share": share, "low": means.min(), "high": means.max()})
    return pd.DataFrame(rows, columns=IMPORTANCE)
