"""The main numbers of a study in words."""

from collections.abc import Mapping

import pandas as pd

from vhi.io.tables import TAKEN_AS
from vhi.report.methods import numbers


def results_paragraph(tables: Mapping[str, pd.DataFrame | None], unit: str) -> str:
    """State the main numbers.

    Parameters
    ----------
    tables : mapping of str to DataFrame or None
        ``medians limits reliability detectable responders response_means regression tally`` as the steps of section 2.7 write
        them; None, or absent, where a study has none.
    unit : str
        Of V_HI.
    """
    parts = []
    for row in _rows(tables, "medians", method="semiautomatic"):
        if row["b"] != "preliminary" and row["a"].endswith(".1"):
            source = " (published table)" if row["source"] == "published table" else ""
            pair = f"{row['a']} and {row['b']} after cleaning"
            parts.append(f"Median Dice of {pair}: {row['median']:.2f}, n = {row['n']}{source}.")
    for measure, decimals in (("V_HI", 0), ("SPARCC", 1)):
        what = unit if measure == "V_HI" else "points"
        for method, words in TAKEN_AS.items():
            where = {"measure": measure, "scale": "raw", "sessions": "all", "method": method}
            bias, low, high = (
                numbers(tables.get("limits"), decimals, quantity=name, **where)
                for name in ("bias", "lower_limit", "upper_limit")
            )
            if bias and low and high:
                figure = " (Fig 7)" if method == "clustered" else ""
                parts.append(
                    f"Bias of {measure} between readers, {words}{figure}: {bias}, limits of agreement {low} and {high} {what}."
                )
    icc = tables.get("reliability")
    renamed = None if icc is None else icc.rename(columns={"icc": "estimate"})
    for measure in ("V_HI", "SPARCC"):
        found = numbers(renamed, 2, measure=measure, scale="raw", of="status", sessions="all")
        parts += [f"ICC(A,1) of {measure}: {found}."] if found else []
    names = {"vhi": "V_HI", "sparcc": "SPARCC"}
    for row in _rows(tables, "responders", primary="yes"):
        a, b = (names.get(row[side], row[side].replace("clinical: ", "clinical response ")) for side in "ab")
        kappa = f", kappa {row['kappa']:.2f}" if pd.notna(row["kappa"]) else ""
        undefined = f" ({row['undefined']} undefined)" if row["undefined"] else ""
        counts = f"{row['both'] + row['neither']}/{row['n']} subjects{undefined}"
        table = f"both {row['both']}, {a} alone {row['only_a']}, {b} alone {row['only_b']}, neither {row['neither']}"
        parts.append(f"{a[0].upper()}{a[1:]} and {b} agree in {counts}: {table}{kappa}.")
    means = tables.get("response_means")
    for measure in ("V_HI", "SPARCC", "V_HI - SPARCC") if means is not None else ():
        where = {"reader": means["reader"].iloc[0], "group": "all subjects", "statistic": "srm", "measure": measure}
        name = "Difference of the two" if "-" in measure else f"Standardised response mean of {measure}"
        found = numbers(means, 2, **where)
        parts += [f"{name}: {found}."] if found else []
    for row in _rows(tables, "regression")[:1]:
        if pd.notna(row["slope"]):
            interval = f"95 % CI {row['slope_ci_low']:,.0f} to {row['slope_ci_high']:,.0f}"
            fit = f"R2 = {row['r2']:.2f}; Theil-Sen {row['theil_sen_slope']:,.0f}"
            parts.append(
                f"Change in V_HI per point of change in SPARCC: {row['slope']:,.0f} {unit} ({interval}), {fit}."
            )
    for row in _rows(tables, "tally", kind="discrepant"):
        differ = f"{row['scans']} of {row['of']} scans differ between {row['readers']}"
        parts.append(f"{differ} by more than two standard deviations.")
    return " ".join(parts)


def _rows(tables: Mapping[str, pd.DataFrame | None], name: str, **where: str) -> list[dict]:
    """Rows of a table, where it is there, with this value in a column."""
    table = tables.get(name)
    for column, value in where.items() if table is not None else ():
        table = table[table[column] == value]
    return [] if table is None else table.to_dict("records")
