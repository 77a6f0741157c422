"""Agreement of two measurements of the same scans (paper, section 2.7.2)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats


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
    bias: float
    sd: float
    lower: float
    upper: float
    bias_ci: tuple[float, float]
    lower_ci: tuple[float, float]
    upper_ci: tuple[float, float]


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
    n, nan = difference.size, float("nan")
    if n == 0:
        return LimitsOfAgreement(0, nan, nan, nan, nan, (nan, nan), (nan, nan), (nan, nan))
    bias = float(difference.mean())
    sd = float(difference.std(ddof=1)) if n > 1 else nan
    z = 1.96  # as printed by Bland and Altman, and as the paper's limits are computed
    t = float(stats.t.ppf(0.975, n - 1)) if n > 1 else nan
    lower, upper = bias - z * sd, bias + z * sd
    of_bias = t * sd / np.sqrt(n)
    of_limit = t * sd * np.sqrt(1 / n + z**2 / (2 * (n - 1))) if n > 1 else nan
    return LimitsOfAgreement(
        n, bias, sd, lower, upper, *((float(at - half), float(at + half)) for at, half in
                                     ((bias, of_bias), (lower, of_limit), (upper, of_limit)))
    )  # fmt: skip


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
        row = {"a": a, "b": b, "n": found.n, f"bias_{unit}": found.bias, f"sd_{unit}": found.sd}
        row |= {f"lower_limit_{unit}": found.lower, f"upper_limit_{unit}": found.upper}
        for name, interval in (
            ("bias", found.bias_ci),
            ("lower_limit", found.lower_ci),
            ("upper_limit", found.upper_ci),
        ):
            row |= {f"{name}_ci_low": interval[0], f"{name}_ci_high": interval[1]}
        rows.append(row)
    columns = ["a", "b", "n", *(f"{name}_{unit}" for name in ("bias", "sd", "lower_limit", "upper_limit"))]
    columns += [f"{name}_ci_{end}" for name in ("bias", "lower_limit", "upper_limit") for end in ("low", "high")]
    return pd.DataFrame(rows, columns=columns)
