"""Statistics against R: quantities that tests/reference/against_r.R computed once, on tests/reference/scans.tsv."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vhi.io.tables import read_table
from vhi.statistics.change import changes, chi_squared_interval, smallest_detectable_change
from vhi.statistics.clustered import clustered_limits, components
from vhi.statistics.medians import sign_test
from vhi.statistics.mixed import mixed_model
from vhi.statistics.overlap_tables import signed_rank
from vhi.statistics.regression import influence, regress
from vhi.statistics.reliability import reliability
from vhi.statistics.responders import from_counts, proportion
from vhi.statistics.slopes import clustered_line, log_link_slope, poisson_lines
from vhi.statistics.tolerance import tolerance_limits
from vhi.statistics.visits import change_by_visit

REFERENCE = Path(__file__).with_name("reference")
TOLERANCE = {"closed": 1e-6, "fitted": 1e-3}
FROM_R = read_table(REFERENCE / "from_r.tsv")


def in_two_arms(scans):
    """The mixed model of all readings, and the difference of the arms' changes of the readers' mean logarithm."""
    of_readers = [scans.assign(reader=reader, vhi=scans[f"volume_{n}"]) for n, reader in ((1, "a"), (2, "b"))]
    long = pd.concat(of_readers).assign(scan=lambda table: table["subject"] + table["session"])
    number = {subject: int(subject[1:]) for subject in scans["subject"].unique()}
    arms = dict(sorted(((subject, "01"[n % 2]) for subject, n in number.items()), key=lambda one: one[1]))
    sites = dict(sorted(((subject, "NY"[n % 3 == 0]) for subject, n in number.items()), key=lambda one: one[1]))
    rows = mixed_model(long, ["pre", "post"], arms, sites).set_index("term")
    names = {"intercept": "(Intercept)", "session: post": "sessionpost", "arm: 1": "arm1", "site: Y": "siteTRUE",
             "reader: b": "readerb", "session x arm: post x 1": "sessionpost:arm1"}  # fmt: skip
    found = {f"mixed {name}": rows.loc[term, "estimate"] for term, name in names.items()}
    found |= {f"mixed se {name}": rows.loc[term, "se"] for term, name in names.items()}
    variances = rows[rows["kind"] == "variance"]["estimate"]
    found |= {f"mixed variance {part}": value for part, value in variances.items()}
    means = scans.assign(value=scans[["log_a", "log_b"]].mean(axis=1), reader="mean")
    table = changes(means, ["mean"]).assign(measure="sparcc", unit="score", session="post")
    welch = change_by_visit(table, arms).set_index("group").loc["arm 1 - arm 0"]
    return found | {
        f"welch {end}": welch[column] for end, column in (("low", "ci_low"), ("high", "ci_high"), ("p", "p"))
    }


@pytest.fixture(scope="module")
def ours():
    scans = read_table(REFERENCE / "scans.tsv")
    scans["log_a"], scans["log_b"] = np.log1p(scans["volume_1"]), np.log1p(scans["volume_2"])
    d, subjects = (scans["log_a"] - scans["log_b"]).to_numpy(), scans["subject"].to_numpy()
    found = {}
    for name, part in (
        ("balanced", scans),
        ("unbalanced", scans.drop(np.array([2, 6, 10, 13, 18, 22, 25, 30, 38]) - 1)),
    ):
        for of, line in clustered_line(part["score"], part["log_a"], part["subject"]).items():
            cells = line.estimate, line.se, line.df, line.p, *line.ci
            found |= {
                f"{name} {of} {what}": v
                for what, v in zip(("estimate", "se", "df", "p", "low", "high"), cells, strict=True)
            }
    x, y = scans["score"].to_numpy(float), scans["volume_1"].to_numpy(float)
    found["log link intercept"], found["log link slope"] = poisson_lines(x, y, np.ones((1, x.size)))[0]
    found["log link slope se"] = log_link_slope(x, y, subjects).se
    parts, limits = components(d, subjects, scans["session"]), clustered_limits(d, subjects, scans["session"])
    found |= {"variance between subjects": parts.subject_variance, "variance within subjects": parts.within}
    found |= dict(zip(("bias", "bias low", "bias high"), (limits.bias, *limits.bias_ci), strict=True))
    wide = scans.pivot(index="subject", columns="session", values=["log_a", "log_b", "score"])
    change = pd.DataFrame({of: wide[of]["post"] - wide[of]["pre"] for of in ("log_a", "log_b", "score")})
    both = change[["log_a", "log_b"]]
    for name, table, who in (("status", scans[["log_a", "log_b"]], subjects), ("change", both, both.index)):
        icc = reliability(table, who)
        keys = {"icc": "icc", "icc low": "f_ci_low", "icc high": "f_ci_high", "icc of mean": "icc_k"}
        found |= {f"{name} {key}": icc[column] for key, column in keys.items()}
    limit = smallest_detectable_change(both, 1)
    names = [f"smallest detectable change{end}" for end in ("", " low", " high")]
    found |= dict(zip(names, (limit, *chi_squared_interval(limit, len(both), 2)), strict=True))
    line, each = regress(change["score"], change["log_a"]), influence(change.index, change["score"], change["log_a"])
    found |= {
        "change slope": line["slope"],
        "change slope low": line["slope_ci_low"],
        "change slope p": line["slope_p"],
    }
    found |= in_two_arms(scans)
    found |= {
        "change r2": line["r2"],
        "change slope hc3 low": line["slope_hc3_ci_low"],
        "change slope hc3 p": line["slope_hc3_p"],
    }
    found |= {"largest cook": each["cook"].max(), "largest studentised": each["studentised_residual"].abs().max()}
    found["spearman"] = line["spearman"]
    first = d[(scans["session"] == "pre").to_numpy()]
    found |= {"sign test p": sign_test(first, np.arange(first.size))}
    found["signed rank p"] = signed_rank(both["log_a"] - both["log_b"])[1]
    found["share low"], found["share high"] = proportion(11, 16)[1:]
    table = from_counts(10, 2, 7, 9)
    found |= {"discordant low": table["a_of_discordant_ci_low"], "discordant high": table["a_of_discordant_ci_high"]}
    found |= {"mcnemar p": table["mcnemar_p"], "kappa": table["kappa"]}
    z = np.random.default_rng(1).normal(size=29)
    low, high = tolerance_limits(components(z, np.arange(29), np.zeros(29)))
    return found | {"tolerance factor": (high - low) / 2 / z.std(ddof=1)}


def test_every_quantity_of_r_is_compared(ours):
    assert set(ours) == set(FROM_R["quantity"])
    assert len(ours) >= 25


@pytest.mark.parametrize("row", FROM_R.to_dict("records"), ids=lambda row: row["quantity"])
def test_a_quantity_is_that_of_r(ours, row):
    assert ours[row["quantity"]] == pytest.approx(row["value"], rel=TOLERANCE[row["kind"]])
