"""The multiverse: universes equal variants, shares and P values are what they say, files are made once."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from dry_run import planned
from many_subjects import AXES, ManySubjects
from vhi.cleaning.carrying import KEPT, carry_over
from vhi.cleaning.masks import counted
from vhi.figures.multiverse import draw_curve, draw_heat, figure_importance
from vhi.figures.style import new_figure
from vhi.inflammation import drop_small_regions, threshold
from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule, find_limits
from vhi.multiverse.importance import importance_table, shares
from vhi.multiverse.inference import joint_inference
from vhi.multiverse.masks import mask_rows, oracle_dice
from vhi.multiverse.names import OUTCOMES, conclusion
from vhi.multiverse.outcomes import change_matrix, outcome_table
from vhi.multiverse.readings import Values, segmentation_tables, universe_table
from vhi.multiverse.voxels import packed, unpacked
from vhi.report.multiverse import multiverse_page
from vhi.statistics.change import change_tables
from vhi.statistics.interobserver import limits_table, pairs_table, reliability_table
from vhi.statistics.overlap import dice
from vhi.statistics.relation import relation_table
from vhi.statistics.responders import agreement_of_judgements
from vhi.statistics.response_means import response_means_table
from vhi.statistics.values import reader_values
from vhi.study.config import read_config
from vhi.study.load import load_study
from vhi.study.multiverse import Multiverse, read_multiverse
from vhi.study.plan import Plan
from vhi.study.rows import read_schema

ROOT = Path(__file__).parents[1]
SHAPE = (4, 40, 40)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The study of several subjects, with axes."""
    return ManySubjects(tmp_path_factory.mktemp("multiverse") / "many").axes()


# Segmentations.


@pytest.fixture(scope="module")
def scan():
    """STIR, region, patch, the preliminary segmentation by the paper's rule, two cleanings of it, and a reference."""
    rng = np.random.default_rng(5)
    stir = rng.normal(100, 10, SHAPE).round(1)
    stir[1:3, 10:20, 10:22] += rng.uniform(0, 60, (2, 10, 12))
    region, patch = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    region[:, 3:37, 2:38] = True
    patch[1:3, 28:36, 25:35] = True
    limits = find_limits(stir[patch])
    judged = drop_small_regions(threshold(stir, region, limits.lower, limits.upper))
    kept = {
        "R1": np.where(np.arange(SHAPE[1])[:, None] < 21, judged, 0),
        "R2": np.where(np.arange(SHAPE[2]) < 15, judged, 0),
    }
    return stir, region, patch, judged, kept, kept["R1"] > 0


def test_a_scan_is_the_same_after_packing(scan):
    stir, region, patch, judged, kept, truth = scan
    found = unpacked(packed(*scan))
    assert found.shape != stir.shape  # cut to the box
    assert np.array_equal(found.stir, stir[region])
    assert np.array_equal(found.marrow, patch[region])
    assert np.array_equal(found.patch, stir[patch])
    assert [np.count_nonzero(volume == 2) for volume in (found.judged, found.kept["R2"])] == [
        np.count_nonzero(volume == 2) for volume in (judged, kept["R2"])
    ]
    assert found.composite.sum() == truth.sum()


@pytest.mark.parametrize("rule", ["paper", "patch_tail", "disease_region"])
@pytest.mark.parametrize("pixels", [1, 4, 9])
def test_every_mask_is_that_of_a_variant(scan, rule, pixels):
    stir, region, patch, judged, kept, truth = scan
    limit_rule = LimitRule(rule, iqr_share=0.25)
    voxels = unpacked(packed(*scan))
    limits = find_limits(voxels.inner if rule == "disease_region" else stir[patch], limit_rule)
    for connectivity in (4, 8):
        rows = mask_rows("s", voxels, limit_rule, pixels, connectivity)
        found = pd.DataFrame(rows).set_index(["excluded_marrow", "vhi", "reader"])
        for excluded, limit in product((False, True), ("lower", "upper")):
            used = region & ~patch if excluded else region
            labels = drop_small_regions(threshold(stir, used, limits.lower, limits.upper), pixels, connectivity)
            row = found.loc[(excluded, limit, "-")]
            assert row["voxels"] == counted(labels, limit).sum()
            assert (row["lower"], row["upper"]) == (limits.lower, limits.upper)
            assert row["composite_dice"] == dice(counted(labels, limit), truth)
            carried = carry_over(kept["R1"], judged, labels, connectivity) == KEPT
            assert found.loc[(excluded, limit, "R1"), "voxels"] == (counted(labels, limit) & carried).sum()


def test_the_cleaned_segmentation_keeps_what_readers_kept(scan):
    found = pd.DataFrame(mask_rows("s", unpacked(packed(*scan)), LimitRule(), 4, 8))
    same = found[(found["as_cleaned"] == "yes") & ~found["excluded_marrow"]]
    assert len(same) == 4
    for _, row in same.iterrows():
        assert row["voxels"] == counted(scan[4][row["reader"]], row["vhi"]).sum()
    assert not same["unjudged"].any()


def test_the_oracle_is_the_best_of_all_sets_of_regions():
    rng = np.random.default_rng(2)
    for _ in range(20):
        labels = np.zeros((1, 3, 14), int)
        for start in range(0, 14, 3):  # five regions with a gap between two
            labels[0, :, start : start + 2] = 1
        number = np.where(labels, np.arange(14) // 3 + 1, 0)
        truth = rng.random(labels.shape) < rng.random(14)
        sets = product((0, 1), repeat=5)
        chosen = (np.isin(number, [region for region, stays in enumerate(kept, 1) if stays]) for kept in sets)
        best = max(dice(kept, truth) if kept.any() else 0.0 for kept in chosen)
        assert oracle_dice(labels, labels > 0, truth, 8) == pytest.approx(best, abs=1e-12)


# Outcomes.


def measured(rng, subjects=9):
    """Measurements, SPARCC and clinical response of a study with gaps."""
    rows = [
        {
            "scan": f"{s}{t}",
            "subject": f"S{s}",
            "session": t,
            "reader": r,
            "trial": 1,
            "method": "semiautomatic",
            "repeat": 1,
        }
        for s, t, r in product(range(subjects), ("pre", "post"), ("R1", "R2"))
    ]
    table = pd.DataFrame(rows).assign(vhi_voxels=rng.lognormal(4, 1, len(rows)).round())
    table = table.drop(index=[3, 10]).assign(trial="1")
    table["vhi_mm3"] = 1.2 * table["vhi_voxels"]
    sparcc = table[["scan", "subject", "session", "reader"]].assign(sparcc=rng.integers(0, 40, len(table)))
    response = pd.DataFrame(
        {
            "subject": [f"S{s}" for s in range(subjects)],
            "rule": "paper2023",
            "session": "post",
            "response": ["yes", "no", "yes"] * 3,
        }
    )
    return table, sparcc.drop(index=sparcc.index[5]), response


@pytest.mark.parametrize("reader", ["mean", "R1", "R2"])
@pytest.mark.parametrize(("unit", "scale", "cut"), [("voxels", "raw", 0.8), ("mm3", "raw", 1), ("voxels", "log", 1)])
def test_outcomes_are_those_of_the_tables(reader, unit, scale, cut):
    measurements, sparcc, response = measured(np.random.default_rng(1))
    readers = ["R1", "R2"]
    base = {
        "response.reader": reader, "statistics.scale": scale, "statistics.truncate_quantile": cut,
        "statistics.vhi_unit": unit, "response.clinical_rule": "paper2023", "response.session": "post",
    }  # fmt: skip
    visits = measurements[["scan", "subject", "session"]].drop_duplicates()
    readings = measurements.assign(segmentation="s0001", unjudged=0, as_cleaned="yes")
    values, table = (
        Values(readings, readers, visits, sparcc),
        pd.DataFrame({"universe": ["u1"], "segmentation": ["s0001"]}),
    )
    found = outcome_table([base], table, values, pd.DataFrame(columns=["segmentation"]), response).iloc[0]
    of_tables = reader_values(measurements, sparcc)
    name = "log" if scale == "log" else "truncated"
    limits = limits_table(pairs_table(of_tables, readers, unit, cut)).query(
        "measure == 'V_HI' and method == 'paper' and sessions == 'all'"
    )
    limits = limits[limits["scale"] == name].set_index("quantity")["estimate"]
    icc = reliability_table(of_tables, readers, unit).query("measure == 'V_HI'")
    icc = icc[icc["scale"] == scale].set_index(["of", "sessions"])["icc"]
    expected = {key: limits[key] for key in ("bias", "sd", "lower_limit", "upper_limit")}
    expected |= {"icc": icc["status", "all"], "icc_change": icc["change", "post - pre"]}
    if reader != "mean":
        relation = relation_table(of_tables, readers, unit, cut)
        expected["slope"] = relation[(relation["reader"] == reader) & (relation["scale"] == name)]["slope"].iloc[0]
    changes, _ = change_tables(measurements, sparcc, unit, readers, readers)
    means = response_means_table(changes, None, 200, 1).query("group == 'all subjects' and statistic == 'srm'")
    measure = "log(V_HI + 1)" if scale == "log" else "V_HI"
    means = means[(means["reader"] == reader) & (means["measure"] == measure)].iloc[0]
    expected |= {"srm": means["estimate"], "subjects": means["n"]}
    vhi = changes[(changes["measure"] == "vhi") & (changes["reader"] == reader)].set_index("subject")
    known = vhi["change"].dropna()
    expected["responders"] = (known < 0).mean()
    judged = pd.Series(np.where(vhi["change"] < 0, "yes", "no"), vhi.index, dtype=object).where(
        vhi["change"].notna(), None
    )
    both = pd.DataFrame({"a": response.set_index("subject")["response"], "b": judged})
    agreed = agreement_of_judgements(both["a"], both["b"])
    expected |= {key: agreed[key] for key in ("kappa", "agreement")}
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-12, abs=1e-12)
    change = change_matrix([base], table, values)[0]
    assert np.nanmean(change) == pytest.approx(found["mean_change"])


def test_a_study_whose_volumes_come_from_tables(tmp_path, monkeypatch):
    """No images: no masks are made, and choices of the analysis are still compared."""
    study = ManySubjects(tmp_path / "counts", 6)
    study.scans = [[*row[:5], None, None, None, row[-1]] for row in study.scans]
    rows = [row for row in study.readings if row[3] == "semiautomatic"]
    study.readings = [[*row[:4], None, 20 + place] for place, row in enumerate(rows)]
    monkeypatch.chdir(tmp_path)
    axes = {
        "response.reader": ["mean", "R1"],
        "statistics.scale": ["raw", "log"],
        "statistics.truncate_quantile": [0.9, 1],
    }
    loaded = load_study(ROOT, str(study.axes(axes).write().folder))
    plan = Plan(loaded, ROOT)
    plan.check_axes()
    assert plan.multiverse_masks == {}
    assert plan.targets_of_multiverse
    measurements, sparcc, response = measured(np.random.default_rng(4))
    visits = measurements[["scan", "subject", "session"]].drop_duplicates()
    multiverse = Multiverse(**plan.multiverse_params)
    table = universe_table(multiverse.universes, multiverse.axes, multiverse.base)
    readings, scans = segmentation_tables(
        table, multiverse.universes, multiverse.base, plan.multiverse_groups, {}, measurements, visits
    )
    found = outcome_table(multiverse.universes, table, Values(readings, ["R1", "R2"], visits, sparcc), scans, response)
    assert len(found) == 8
    assert found[["bias", "icc", "slope", "srm", "kappa"]].notna().all(axis=None)
    study.axes({"limits.rule": ["paper", "patch_tail"]})
    with pytest.raises(InputError, match=r"axes: limits.rule: needs scans with a STIR and a disease region"):
        Plan(load_study(ROOT, str(study.folder)), ROOT).check_axes()


# Importance and joint inference.


def test_shares_of_a_complete_grid_are_those_of_the_analysis_of_variance():
    grid = pd.DataFrame(list(product("abc", "xy", (1, 2))), columns=["first", "second", "third"])
    first, second = grid["first"].map({"a": 0, "b": 1, "c": 5}).to_numpy(float), grid["second"].eq("y").to_numpy(float)
    y = first + 2 * second + 0.5 * second * (grid["third"] == 2) * first
    found = shares(y.to_numpy(), grid)
    assert sum(found.values()) == pytest.approx(1)
    total = ((y - y.mean()) ** 2).sum()
    mean = y.groupby(grid["first"]).transform("mean")
    assert found["first",] == pytest.approx(((mean - y.mean()) ** 2).sum() / total)
    cell = y.groupby([grid["first"], grid["second"]]).transform("mean")
    only = cell - mean - y.groupby(grid["second"]).transform("mean") + y.mean()
    assert found["first", "second"] == pytest.approx((only**2).sum() / total)
    assert shares(y.to_numpy(), grid, seed=9)["second",] == pytest.approx(found["second",])


def test_shares_of_an_incomplete_grid_add_up_and_an_alias_takes_no_more_than_its_part():
    grid = pd.DataFrame(list(product("abc", "xy", (1, 2))), columns=["first", "second", "third"])
    grid = grid[~((grid["first"] == "c") & (grid["second"] == "y"))].assign(alias=lambda of: of["third"])
    y = grid["third"].to_numpy(float) + (grid["first"] == "b")
    found = shares(y.to_numpy(), grid)
    assert sum(found.values()) == pytest.approx(1)
    assert found["third",] == pytest.approx(found["alias",], rel=0.5)
    assert found["second",] < 0.02
    assert np.isnan(shares(np.ones(len(grid)), grid)["third",])


def test_joint_p_values_are_uniform_without_an_effect_and_small_with_one():
    rng = np.random.default_rng(11)
    mixing, p = rng.normal(size=(40, 6)), []
    for _ in range(300):
        change = mixing @ rng.normal(size=(6, 16)) + 0.3 * rng.normal(size=(40, 16))
        p.append(joint_inference(change, 99, int(rng.integers(1 << 30)))["p"].to_numpy())
    below = (np.array(p) <= 0.1).mean(axis=0)
    assert (abs(below - 0.1) < 0.05).all()  # three standard errors
    assert (joint_inference(change - 4, 99)["p"] == 0.01).all()
    assert joint_inference(change[:, :4])["p"].isna().all()


# Files, messages, page.


def test_one_value_more_makes_only_what_is_new(files, tmp_path, snakemake, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = load_study(ROOT, str(files.folder))
    plan = Plan(study, ROOT)
    tables = plan.multiverse_tables
    voxels = [
        f"<results>/multiverse/voxels/{one['folder']}/{scan}.npz"
        for one in plan.batched["multiverse_voxels"]
        for scan in [one["scan"]]
    ]
    for path in [tables["measurements"], tables["sparcc"], tables["clinical"], *voxels, *tables["masks"]]:
        made = tmp_path / path.replace("<results>", "results/many")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch()
    results = {
        "multiverse",
        "multiverse_outcomes",
        "multiverse_importance",
        "multiverse_inference",
        "figure_multiverse",
        "multiverse_page",
        "total",
    }

    def run():
        return planned(snakemake(tmp_path, "multiverse", "-n", study=files.folder, scans_per_job=12, check=True))

    files.axes(
        AXES | {"small_regions.minimum_pixels": [4, 8, 12]},
        excluded=[{"limits.rule": "patch_tail", "limits.iqr_share": 1.0}],
    )
    killed = tmp_path / tables["masks"][0].replace("<results>", "results/many")
    killed.unlink()
    jobs = run()
    assert jobs.keys() == results | {"multiverse_masks"}
    assert jobs["multiverse_masks"] == 3 + 1  # one for each of three limits, and the one that a killed run did not make
    killed.touch()
    files.axes(AXES | {"limits.vhi": ["lower"], "statistics.vhi_unit": ["voxels", "mm3"]})
    assert run().keys() == results
    files.axes()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"axes": {"limits.rul": ["paper"]}}, "axes: unknown axis 'limits.rul'; did you mean 'limits.rule'"),
        ({"axes": {"training.steps": [1]}}, "axes: unknown axis 'training.steps'"),
        (
            {"axes": {"limits.rule": ["paper", "papers"]}},
            "axes: limits.rule: found 'papers'; allowed: paper, patch_tail",
        ),
        ({"axes": {"limits.n_step": [0]}}, "axes: limits.n_step: found 0; allowed: number, > 0"),
        ({"axes": {"response.reader": ["mean", "R3"]}}, "axes: response.reader: found 'R3'; allowed: mean, R1, R2"),
        ({"axes": {"limits.vhi": ["lower", "lower"]}}, "a list of different values"),
        ({"axes": {"limits.vhi": ["lower"]}}, "expected 2 to 20,000 universes, found 1"),
        ({"axes": AXES, "excluded": [{"limits.vhi": "uper"}]}, "excluded: limits.vhi: found 'uper'"),
        ({"axes": AXES, "heat_map": ["limits.vhi", "limits.shading"]}, "heat_map: unknown axis 'limits.shading'"),
        ({"axis": AXES}, "unknown key 'axis'; did you mean 'axes'?"),
    ],
)
def test_impossible_axes_are_refused(files, given, told):
    try:
        (files.folder / "multiverse.yaml").write_text(yaml.safe_dump(given))
        with pytest.raises(InputError) as error:
            load_study(ROOT, str(files.folder))
        assert told in str(error.value)
    finally:
        files.axes()


@pytest.mark.parametrize(
    ("axes", "told"),
    [
        (
            {"disease_region.source": ["manual_where_present", "ensemble"]},
            "a scan with both a drawn disease region and the ensemble's",
        ),
        ({"limits.rule": ["paper", "disease_region"]}, None),
    ],
)
def test_axes_that_the_study_cannot_have(files, axes, told):
    plan = Plan(load_study(ROOT, str(files.axes(axes).folder)), ROOT)
    files.axes()
    if told is None:
        return plan.check_axes()
    with pytest.raises(InputError, match=told):
        plan.check_axes()


def test_a_reader_that_decides_must_be_known(files):
    files.config["response"] = {"reader": "R9"}
    try:
        with pytest.raises(InputError, match=r"key 'response.reader': found 'R9'; allowed: mean, R1, R2"):
            load_study(ROOT, str(files.write().folder))
    finally:
        del files.config["response"]
        files.write()


def test_the_studies_of_the_project_have_enough_universes():
    for name in ("demo", "simulated", "paper", "trial"):
        config = read_config(ROOT / "config" / name, "", read_schema(ROOT, "config"))
        found = read_multiverse(ROOT / "config" / name, ROOT, config)
        assert len(found.universes) >= 500
        fixed = [key for key in found.axes if found.base[key] is not None]  # the config may leave the visit open
        assert any(all(one[key] == found.base[key] for key in fixed) for one in found.universes)


def test_page_and_conclusion():
    universes = pd.DataFrame(
        {"universe": ["u1", "u2"], "segmentation": "s1", "base": ["yes", "no"], "response.reader": ["mean", "<R1>"]}
    )
    outcomes = pd.DataFrame(np.nan, index=[0, 1], columns=OUTCOMES).assign(srm=[-0.5, 0.1], p_change=[0.01, 0.7])
    said, outcome = conclusion(outcomes, pd.DataFrame({"p": [0.004]}))
    assert (
        said
        == "V_HI falls with treatment in 50 % of 2 universes, significantly in 50 %; joint P of the median effect 0.004"
    )
    page = multiverse_page("study", universes, outcomes, said, outcome)
    data = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    assert data["axes"] == [{"name": "response.reader", "values": ["mean", "<R1>"]}]
    assert data["outcomes"][data["curve"]]["values"] == [-0.5, 0.1]
    assert "http" not in page.split("<script")[1]
    assert conclusion(outcomes.assign(srm=np.nan, composite_dice=[0.5, 0.75]), None)[1] == "composite_dice"


def test_importance_compares_outcomes_with_a_scale_within_their_unit():
    grid = pd.DataFrame(
        list(product(("voxels", "mm3"), ("raw", "log"), ("R1", "R2"))),
        columns=["statistics.vhi_unit", "statistics.scale", "response.reader"],
    )
    outcomes = pd.DataFrame(np.nan, index=grid.index, columns=OUTCOMES).assign(
        mean_change=np.arange(8.0), srm=np.arange(8.0)
    )
    found = importance_table(grid, outcomes, list(grid))
    assert set(found.loc[found["outcome"] == "mean_change", "within"]) == {
        "voxels, raw",
        "voxels, log",
        "mm3, raw",
        "mm3, log",
    }
    of = found[(found["outcome"] == "srm") & (found["with_choice"] == "")].set_index("choice")["share"]
    assert of["statistics.vhi_unit"] > of["statistics.scale"] > of["response.reader"] > 0


def test_figures_draw_what_there_is():
    grid = pd.DataFrame(
        list(product(("paper", "patch_tail"), (4, 8), ("R1", "R2"))),
        columns=["limits.rule", "small_regions.minimum_pixels", "response.reader"],
    )
    universes = pd.concat(
        [pd.DataFrame({"universe": "u", "segmentation": "s", "base": ["yes", *["no"] * 7]}), grid], axis=1
    )
    outcomes = pd.DataFrame(np.nan, index=grid.index, columns=OUTCOMES).assign(
        srm=np.linspace(-1, 1, 8), p_change=0.01, icc=0.9
    )
    importance = importance_table(universes, outcomes, list(grid)).replace("", np.nan)
    figure = new_figure(4, 4)
    curve, dashboard = draw_curve(universes, outcomes, figure.subplots(2, 1), "srm", "title")
    assert curve.get_title() == "title"
    assert [label.get_text() for label in dashboard.get_yticklabels()][:2] == ["rule: paper", "rule: patch_tail"]
    assert len(figure_importance(importance).axes) == 2
    heat = draw_heat(universes, outcomes, new_figure(4, 4).subplots(), "srm", None, importance)
    assert heat.get_ylabel() == "limits.rule"
    nothing = outcomes.assign(srm=np.nan)
    draw_curve(universes, nothing, new_figure(4, 4).subplots(2, 1), "srm", "")
    draw_heat(universes, nothing, new_figure(4, 4).subplots(), "srm", None, importance)
