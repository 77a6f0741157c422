"""The error of V_HI: cleanings carried over, spread of a patch, components, intervals, change, repeatability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vhi.cleaning.carrying import KEPT, REMOVED, UNJUDGED, carry_over
from vhi.inflammation import drop_small_regions, label_regions, threshold
from vhi.marrow.limits import LimitRule, find_limits
from vhi.uncertainty.alternatives import Cleaned, sd_log_patch, sd_log_region
from vhi.uncertainty.change import change_with_error, reader_change_variance, visit_interval
from vhi.uncertainty.components import Variance, fit_variance, reader_pairs, scan_pairs
from vhi.uncertainty.intervals import SOURCES, combined
from vhi.uncertainty.patch import BLOCKS, patch_blocks, patch_spread
from vhi.uncertainty.readings import parts_of_scan, uncertainty
from vhi.uncertainty.repeatability import repeatability

RNG = np.random.default_rng(5)
SMALL = {"minimum_pixels": 1, "connectivity": 8}


def lower(intensities):
    return find_limits(intensities).lower


# A cleaning that is carried over


@settings(max_examples=60, deadline=None)
@given(arrays(bool, (3, 6, 7)), arrays(bool, (3, 6, 7)))
def test_a_cleaning_carried_to_where_it_was_made_is_the_record(preliminary, drawn):
    kept = preliminary & drawn
    carried = carry_over(kept, preliminary, preliminary)
    assert ((carried == KEPT) == kept).all()
    assert ((carried == REMOVED) == (preliminary & ~kept)).all()
    assert not (carried == UNJUDGED).any()


@settings(max_examples=60, deadline=None)
@given(arrays(bool, (3, 6, 7)), arrays(bool, (3, 6, 7)), arrays(bool, (3, 6, 7)))
def test_what_was_judged_stays_judged_wherever_it_is_carried(preliminary, drawn, other):
    kept = preliminary & drawn
    carried = carry_over(kept, preliminary, other)
    assert (carried[other & kept] == KEPT).all()
    assert (carried[other & preliminary & ~kept] == REMOVED).all()
    assert ((carried > 0) == other).all()
    regions, _ = label_regions(other)
    judged = np.unique(regions[other & preliminary])
    assert not np.isin(
        regions[carried == UNJUDGED], judged
    ).any()  # a region that was judged in part is decided as a whole


def test_a_region_grows_with_its_decision_and_a_merged_one_by_the_nearest_voxel():
    preliminary = np.zeros((1, 3, 11), bool)
    preliminary[0, 1, [0, 1, 8, 9]] = True
    kept = preliminary & (np.arange(11) < 5)
    merged = np.ones((1, 3, 11), bool)
    assert (carry_over(kept, preliminary, merged)[0, 1] == [KEPT] * 5 + [REMOVED] * 6).all()


def test_a_new_region_follows_a_kept_one_from_slice_to_slice_or_was_never_judged():
    preliminary = np.zeros((2, 2, 9), bool)
    preliminary[0, 0, [0, 4]] = True
    kept = preliminary & (np.arange(9) < 2)
    other = preliminary.copy()
    other[1, 0, [0, 4, 8]] = True  # over the kept one, over the removed one, over nothing
    assert carry_over(kept, preliminary, other)[1, 0, [0, 4, 8]].tolist() == [KEPT, UNJUDGED, UNJUDGED]


# What a patch says of another


def test_blocks_are_compact_and_of_like_size():
    place = np.argwhere(np.ones((3, 20, 30))) * (3.3, 0.6, 0.6)
    block = patch_blocks(place)
    sizes = np.bincount(block)
    assert len(sizes) == BLOCKS
    assert np.ptp(sizes) <= 1
    assert max(np.ptp(place[block == number, 2]) for number in range(BLOCKS)) < 10


@pytest.mark.parametrize("voxels", [200, 4000])
def test_the_tail_tells_how_far_a_maximum_moves_whatever_the_size(voxels):
    beta = 20.0
    draw = lambda: 400 + RNG.exponential(beta, voxels)  # noqa: E731
    patch = draw()
    found = patch_spread(patch, RNG.random((voxels, 3)), LimitRule())
    assert found.tail == pytest.approx(beta / lower(patch), rel=0.35)
    redrawn = np.std([np.log(draw().max()) for _ in range(300)])
    assert 1.28 * beta / np.mean(patch.max()) == pytest.approx(redrawn, rel=0.3)  # Gumbel


def test_a_gradient_shows_in_the_blocks_and_scale_in_nothing():
    place = np.argwhere(np.ones((4, 16, 16)))
    flat = RNG.normal(300, 10, len(place))
    steep = flat + 5.0 * place[:, 2]
    one, two = (patch_spread(values, place, LimitRule()) for values in (flat, steep))
    assert two.blocks > 2 * one.blocks
    again = patch_spread(7 * flat, place, LimitRule())
    assert (again.blocks, again.tail) == pytest.approx((one.blocks, one.tail))
    assert two.sd_log(0, 0) == 0


def test_a_patch_without_spread_has_no_say():
    assert patch_spread(np.arange(20.0), np.zeros((20, 3)), LimitRule()) is None
    assert patch_spread(np.full(200, 7.0), RNG.random((200, 3)), LimitRule()) is None


# V_HI at other limits and in other regions


@pytest.fixture
def scan():
    stir = RNG.normal(100, 5, (3, 20, 20))
    stir[:, 5:10, 5:10] += 60 + np.linspace(0, 40, 5)
    region = np.zeros(stir.shape, bool)
    region[:, 2:18, 2:18] = True
    labels = drop_small_regions(threshold(stir, region, 175, 210), **SMALL)
    return Cleaned(stir, labels, [labels, np.zeros_like(labels)], 175.0, 210.0, "lower", SMALL), region


def test_the_base_case_is_the_reading(scan):
    cleaned, region = scan
    assert cleaned.voxels(region).tolist() == [np.count_nonzero(cleaned.preliminary), 0]


def test_a_limit_that_does_not_move_adds_nothing_and_one_that_does_adds_more(scan):
    cleaned, region = scan
    assert sd_log_patch(cleaned, region, 0.0) == pytest.approx([0, 0], abs=1e-9)
    little, much = (sd_log_patch(cleaned, region, sd)[0] for sd in (0.05, 0.2))
    assert 0 < little < much
    probability = np.where(region, 1.0, 0.0)
    assert sd_log_region(cleaned, probability).tolist() == [0.0, 0.0]
    probability[:, :7] = 0.4  # half of the lesion lies where the networks doubt
    assert sd_log_region(cleaned, probability)[0] > 0.1


def test_parts_of_a_scan_say_what_they_do_not_know(scan):
    cleaned, region = scan
    by_patch, by_region = parts_of_scan(cleaned, region, None, None, (3, 1, 1), LimitRule(rule="disease_region"))
    assert by_patch.tolist() == [0, 0]  # needs no patch
    assert np.isnan(by_region).all()  # drawn by a human
    marrow = np.zeros(region.shape, bool)
    marrow[:, 11:17, 11:17] = True
    by_patch, by_region = parts_of_scan(cleaned, region, region.astype(float), marrow, (3, 1, 1), LimitRule())
    assert by_patch[0] > 0
    assert by_region.tolist() == [0, 0]


# Components


def test_variance_components_are_found_again():
    voxels = np.exp(RNG.uniform(1, 9, 4000))
    true = Variance(0.02, 4.0, 30.0, 0)
    sd = np.sqrt(true.at(voxels))
    squares = (RNG.normal(0, sd) - RNG.normal(0, sd)) ** 2 / 2
    found = fit_variance(squares, voxels)
    for size in (0.0, 20.0, 200.0, 5000.0):
        assert found.at(size) == pytest.approx(true.at(size), rel=0.25)
    known = fit_variance(squares, voxels, known=0.02)
    assert known.constant < 0.006
    assert fit_variance(squares[:4], voxels[:4]) is None
    assert fit_variance(np.zeros(8), voxels[:8]).at(10.0) == 0


def readings(pre=(100, 120), post=(40, 50), subjects=9, repeats=(1,)):
    rows = [
        (f"s{n}_{session}_{repeat}", f"s{n}", session, repeat, reader, "1", "semiautomatic", voxels * (1 + n) + repeat)
        for n in range(subjects)
        for session, values in (("pre", pre), ("post", post))
        for repeat in repeats
        for reader, voxels in zip(("R1", "R2"), values, strict=True)
    ]
    columns = ["scan", "subject", "session", "repeat", "reader", "trial", "method", "vhi_voxels"]
    return pd.DataFrame(rows, columns=columns).assign(vhi_mm3=lambda table: 1.2 * table["vhi_voxels"])


def test_pairs_are_per_scan_and_per_repeat():
    table = readings(repeats=(1, 2))
    pairs = reader_pairs(table)
    assert len(pairs) == 9 * 2 * 2
    first = table[table["scan"] == "s0_pre_1"]["vhi_voxels"]
    assert pairs["square"].iloc[0] == pytest.approx(np.diff(np.log1p(first))[0] ** 2 / 2)
    again = scan_pairs(table.assign(sd_log_patch=0.1, sd_log_region=np.nan))
    assert len(again) == 9 * 2 * 2
    assert again["known"].tolist() == pytest.approx([0.01] * 36)


def test_every_reading_gets_its_interval_and_what_it_lacks():
    table = readings()
    parts = table[["scan", "reader", "trial"]].assign(sd_log_patch=0.1, sd_log_region=np.nan)
    found = uncertainty(table, parts.iloc[:-1], "paper")
    assert len(found) == len(table)
    assert (found["low_voxels"] < found["vhi_voxels"]).all()
    assert (found["high_voxels"] > found["vhi_voxels"]).all()
    assert set(found["sources_missing"]) == {"region scan", "patch region scan"}
    assert set(found["dominant"]) <= {"patch", "reader"}
    assert found["high_mm3"].to_numpy() == pytest.approx(1.2 * found["high_voxels"].to_numpy())
    repeated = uncertainty(readings(repeats=(1, 2)), parts.iloc[:0], "paper")
    assert "scan" not in " ".join(repeated["sources_missing"])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100_000), st.floats(0, 3), st.floats(0, 3))
def test_an_interval_holds_its_reading_is_not_negative_and_grows_with_each_part(voxels, one, other):
    def of(**sd):
        row = dict.fromkeys((f"sd_log_{source}" for source in SOURCES), np.nan) | {
            f"sd_log_{k}": v for k, v in sd.items()
        }
        return combined(pd.DataFrame([{"vhi_voxels": voxels, "voxel_mm3": 2.0, **row}]), "paper").iloc[0]

    alone, both = of(patch=one), of(patch=one, reader=other)
    assert -1e-9 <= both["low_voxels"] <= alone["low_voxels"] + 1e-6
    assert alone["low_voxels"] <= voxels + 1e-6
    assert both["high_voxels"] >= alone["high_voxels"] - 1e-6
    assert np.isnan(of()["low_voxels"])


# Change


def errors(sd=0.1, **kinds):
    return readings(**kinds).assign(
        sd_log_patch=sd, sd_log_region=np.nan, sd_log_reader=sd, sd_log_scan=np.nan, sources_missing="region scan"
    )


def test_a_large_fall_is_flagged_and_none_is_not():
    found = change_with_error(errors(), "paper")
    assert set(found["flag"]) == {"decrease"}
    assert (found["probability_of_decrease"] > 0.999).all()
    assert (found["ratio_high"] < 1).all()
    still = change_with_error(errors(post=(100, 120)), "paper")
    assert set(still["flag"]) == {"no"}
    assert still["probability_of_decrease"].tolist() == pytest.approx([0.5] * 9)
    rising = change_with_error(errors(pre=(40, 50), post=(100, 120)), "paper")
    assert set(rising["flag"]) == {"increase"}


def test_a_change_is_that_of_readers_who_read_both_visits():
    table = errors()
    table = table[~((table["subject"] == "s0") & (table["session"] == "post") & (table["reader"] == "R2"))]
    table = table[~((table["subject"] == "s1") & (table["session"] == "post"))]
    found = change_with_error(table, "paper").set_index("subject")
    assert found.loc["s0", "readers"] == 1
    assert found.loc["s2", "readers"] == 2
    assert "s1" not in found.index


def test_without_any_known_part_nothing_is_claimed():
    nothing = errors().assign(sd_log_patch=np.nan, sd_log_reader=np.nan)
    found = change_with_error(nothing.iloc[:4], "paper")
    assert found["flag"].isna().all()
    assert found["ratio_low"].isna().all()
    assert np.isnan(visit_interval(nothing.iloc[:2], "paper")).all()


def test_readers_change_variance_needs_five_subjects():
    assert reader_change_variance(errors(subjects=4)) is None
    assert reader_change_variance(errors(subjects=6)).at(100.0) == pytest.approx(0, abs=1e-3)
    assert reader_change_variance(errors().query("session == 'pre'")) is None


# Repeatability


def test_repeatability_is_the_textbooks():
    rng = np.random.default_rng(2)
    true = 50.0
    table = readings(subjects=60, repeats=(1, 2))
    table["vhi_voxels"] = np.round(5000 + rng.normal(0, true, len(table)))
    table["vhi_mm3"] = table["vhi_voxels"]
    found = repeatability(table, "voxels").set_index(["scale", "reader"])
    row = found.loc[("raw", "R1")]
    assert row["repeatability_coefficient"] == pytest.approx(1.96 * np.sqrt(2) * true, rel=0.15)
    assert row["ci_low"] < 1.96 * np.sqrt(2) * true < row["ci_high"]
    assert (row["n_pairs"], row["n_subjects"]) == (120, 60)
    assert found.loc[("raw", "mean"), "sd_within"] == pytest.approx(true / np.sqrt(2), rel=0.2)
    few = repeatability(table[table["subject"].isin(["s1", "s2"])], "voxels")
    assert few["ci_low"].isna().all()
    assert few["note"].str.contains("fewer than 8").all()
