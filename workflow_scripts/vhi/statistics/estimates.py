"""Estimates with 95 % intervals: how every estimator of this room gives them, and how every table prints them.

An estimator gives its interval as (low, high), `UNKNOWN` where it has none, and never knows of a table. Tables are made of
the rows below. A further estimator gets a module of its own beside the others, by what it assumes: `agreement` (scans
independent), `clustered` (scans of a subject belong together), `bootstrap` and `jackknife` (subjects drawn or left out).
"""

NAN = float("nan")
UNKNOWN = (NAN, NAN)
Z = 1.96  # as Bland and Altman print it, and as the paper's limits are computed


def ends(interval: tuple[float, float] = UNKNOWN, name: str = "") -> dict[str, float]:
    """Columns of an interval: ``ci_low ci_high``, after the name of the estimate where a row holds several."""
    return dict(zip((f"{name}_ci_low".lstrip("_"), f"{name}_ci_high".lstrip("_")), interval, strict=True))


def quantity(name: str, value: float, interval: tuple[float, float] | None = None) -> dict:
    """Row of a long table, which has one estimate a row: ``quantity estimate`` and, where it has one, its interval."""
    return {"quantity": name, "estimate": value} | (ends(interval) if interval else {})


def columns(*names: str) -> list[str]:
    """Columns of several estimates, each followed by those of its interval."""
    return [column for name in names for column in (name, *ends(name=name))]
