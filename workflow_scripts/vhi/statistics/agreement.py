"""Agreement of two measurements of the same scans (paper, section 2.7.2)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from vhi.statistics.estimates import NAN, UNKNOWN, Z, ends


@dataclass(frozen=True)
class LimitsOfAgreement:
    """Bland-Altman bias and 95 % limits of agreement, in the units of the measurements.

    Attributes
    ----------
    n : int
        Pairs.
    bias, sd : float
        Mean and standard deviation (ddof 1) of the differences.
    lower, upper : float
        Limits of agreement, bias -+ 1.96 sd.
    bias_ci, lower_ci, upper_ci : tuple of float
        95 % confidence intervals by t quantiles; those of the limits with SE^2 = sd^2 (1/n + 1.96^2 / (2 (n - 1))).
    """

    n: int
    bias: float = NAN
    sd: float = NAN
    bias_ci: tuple[float, float] = UNKNOWN
    lower_ci: tuple[float, float] = UNKNOWN
    upper_ci: tuple[float, float] = UNKNOWN

    @property
    def lower(self) -> float:
        """Lower limit."""
        return self.bias - Z * self.sd

    @property
    def upper(self) -> float:
        """Upper limit."""
        return self.bias + Z * self.sd

    @property
    def quantities(self) -> dict[str, tuple[float, tuple[float, float]]]:
        """Estimate and interval of ``bias``, ``lower_limit`` and ``upper_limit``, as tables name them."""
        return {
            "bias": (self.bias, self.bias_ci),
            "lower_limit": (self.lower, self.lower_ci),
            "upper_limit": (self.upper, self.upper_ci),
        }


def limits_of_agreement(a: np.ndarray, b: np.ndarray) -> LimitsOfAgreement:
    """Compute bias and limits of agreement of a - b.

    Parameters
    ----------
    a, b : (n,) array
        Paired measurements; pairs with a NaN are left out.

    Returns
    -------
    LimitsOfAgreement
        NaN for what n cannot give: all with n = 0, the spread with n = 1.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986; i: 307-310. Stat Methods Med Res 1999; 8: 135-160.

    Examples
    --------
    >>> found = limits_of_agreement([10, 12, 14], [9, 12, 12])
    >>> found.bias, round(found.upper, 2)
    (1.0, 2.96)
    """
    difference = np.asarray(a, float) - np.asarray(b, float)
    difference = difference[~np.isnan(difference)]
    n = difference.size
    if n < 2:
        return LimitsOfAgreement(n, *difference.tolist())
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    t = float(stats.t.ppf(0.975, n - 1))
    of_bias, of_limit = t * sd / np.sqrt(n), t * sd * np.sqrt(1 / n + Z**2 / (2 * (n - 1)))
    around = [
        (float(at - half), float(at + half))
        for at, half in ((bias, of_bias), (bias - Z * sd, of_limit), (bias + Z * sd, of_limit))
    ]
    return LimitsOfAgreement(n, bias, sd, *around)


def agreement_table(measurements: pd.DataFrame, pairs: list[tuple[str, str]], unit: str) -> pd.DataFrame:
    """Compute limits of agreement for pairs of columns.

    Parameters
    ----------
    measurements : DataFrame
        One row per scan, one column per reader or reference.
    pairs : list of (str, str)
        Columns to compare; differences are first minus second.
    unit : str
        Unit of the measurements, for the names of the columns.

    Returns
    -------
    DataFrame
        ``a b n bias_<unit> sd_<unit> lower_limit_<unit> upper_limit_<unit>``, and ``..._low``, ``..._high`` for the 95 %
        confidence intervals of bias and limits.
    """
    rows = []
    for a, b in pairs:
        found = limits_of_agreement(measurements[a], measurements[b])
        row = {"a": a, "b": b, "n": found.n, f"sd_{unit}": found.sd}
        for name, (value, interval) in found.quantities.items():
            row |= {f"{name}_{unit}": value} | ends(interval, name)
        rows.append(row)
    names = ("bias", "lower_limit", "upper_limit")
    of_unit = [f"{name}_{unit}" for name in ("bias", "sd", *names[1:])]
    return pd.DataFrame(
        rows, columns=["a", "b", "n", *of_unit, *(column for name in names for column in ends(name=name))]
    )
