"""The agreeing page: differences of two readers, decided blindly, and the consensus that comes of it."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

from page_driver import Reader
from phantom_page import (
    PACK,
    ROOT,
    STORED,
    consensus_record,
    make_page,
    stored,
    two_readers,
    without,
)
from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.io.images import read_mask, write_labels
from vhi.io.tables import read_rows
from vhi.reading_room.agreeing import agreeing_content, compared, differences, settled_labels
from vhi.reading_room.agreements import Agreements
from vhi.reading_room.intake import parse_record
from vhi.reading_room.keys import kept_file
from vhi.reading_room.made import decisions_file, read_made, write_made
from vhi.reading_room.makers import Drawn
from vhi.statistics.change import change_tables
from vhi.statistics.consensus import with_consensus
from vhi.study.load import load_study
from vhi.study.plan import Plan
from vhi.study.rows import read_schema
from vhi.uncertainty.consensus import consensus_table

SCHEMA = read_schema(ROOT, "consensus")


@pytest.fixture
def opened(browser, tmp_path):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, has_touch=True, accept_downloads=True)

    def opening(axes="LSP"):
        return Reader(context, make_page(tmp_path, stored(tmp_path, axes), "agreeing"))

    yield opening
    context.close()


def agreed(reader):
    """The consensus of a page's record, through the check of its form."""
    record = parse_record(json.dumps(reader.record()).encode(), SCHEMA)
    numbers, _ = differences(two_readers())
    labels = settled_labels(two_readers(), numbers, [one["difference"] for one in record["decisions"] if one["keep"]])
    assert record["result"]["voxels"] == np.count_nonzero(labels)
    return labels


def test_differences_are_parts_that_one_reader_kept_the_largest_first():
    random = np.random.default_rng(3)
    for connectivity in (4, 8):
        preliminary = random.integers(0, 3, (4, 20, 20)).astype(np.uint8)
        first, second = (np.where(random.random(preliminary.shape) < 0.8, preliminary, 0) for _ in range(2))
        both = compared(first, second)
        numbers, joined = differences(both, connectivity)
        np.testing.assert_array_equal(numbers > 0, (first > 0) != (second > 0))
        size = np.bincount(numbers.ravel())[1:]
        assert (np.diff(size) <= 0).all()
        for number in range(1, size.size + 1):
            part = numbers == number
            assert len({*np.nonzero(part)[0]}) == 1
            assert (first[part] > 0).all() or (second[part] > 0).all()
            assert len({*joined[numbers[part]]}) == 1
        everything = list(range(1, size.size + 1))
        np.testing.assert_array_equal(settled_labels(both, numbers, everything), np.maximum(first, second))
        np.testing.assert_array_equal(settled_labels(both, numbers, []), np.minimum(first, second))


def test_a_page_is_the_same_whoever_kept_what(tmp_path):
    images = stored(tmp_path, "LSP")
    row, like = {"pack": PACK, "code": "07"}, images["preliminary"]
    pages = []
    for masks in ((without(1, 4, 6), without(3, 4, 5)), (without(3, 4, 5), without(1, 4, 6))):
        both = type(like)(**vars(like) | {"volume": compared(*masks)})
        pages.append(agreeing_content({"STIR": images["stir"], "T1W": images["t1w"], "both": both}, row))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("axes", STORED)
def test_each_decision_changes_exactly_the_expected_voxels(opened, axes):
    reader = opened(axes)
    numbers, joined = differences(two_readers())
    assert reader.page.evaluate("PACK.lesions.length") == len(joined) == 6
    np.testing.assert_array_equal(agreed(reader), settled_labels(two_readers(), numbers, []))
    assert reader.page.inner_text("#difference").startswith("Difference 1 of 5")
    reader.press("k")  # the largest: region 1
    expected = settled_labels(two_readers(), numbers, [1])
    np.testing.assert_array_equal(agreed(reader), expected)
    assert numbers[1, 5, 6] == 1
    reader.click(4, 19, 35)  # region 6
    assert reader.page.evaluate("chosen") == numbers[4, 19, 35]
    reader.page.click("#keep")
    expected[4, 18:22, 30:40] = 1
    np.testing.assert_array_equal(agreed(reader), expected)
    reader.press("Control+z", ".")
    x, y = reader.at(2, 32, 40)  # region 5, by a finger
    reader.page.touchscreen.tap(x, y)
    assert reader.page.evaluate("chosen") == numbers[2, 32, 40]
    reader.press("1", "r")
    decided = {one["difference"]: one for one in reader.record()["decisions"]}
    assert decided[int(numbers[2, 32, 40])] == {"difference": numbers[2, 32, 40], "keep": False, "reason": "vessel"}
    reader.press("f")
    assert "3 differences are open" in reader.page.inner_text("#hint")
    reader.press("Shift+K", "k", "k")
    reader.saved()
    reader.page.reload()
    reader.wait()
    record = parse_record(reader.download(lambda: reader.press("f")), SCHEMA)
    assert record["finished"]
    assert record["result"] == {
        "kept": 4,
        "removed": 1,
        "open": 0,
        "voxels": int(np.count_nonzero(without(4, 5))),
    }
    np.testing.assert_array_equal(agreed(reader), without(4, 5))
    assert not reader.errors


def test_shift_decides_what_hangs_together_in_3d(opened):
    reader = opened()
    together = reader.page.evaluate("reading.lesionOf(1)")
    reader.press("Shift+R")
    assert [one["difference"] for one in reader.record()["decisions"]] == together
    assert all(step["keyboard"] for step in reader.record()["steps"])
    reader.press("p", "n", "g", "c", "Space", "Escape", "Control+z", "Control+y")
    assert not reader.errors


# What the server makes of it


@pytest.fixture
def store(tmp_path):
    images, digest = stored(tmp_path, "PLI"), "d" * 64
    write_labels(kept_file(tmp_path / "records", digest), two_readers(), like=images["preliminary"])
    drawn = {"07": Drawn("s1", str(tmp_path / "stir.nii.gz"), digest)}
    return Agreements(tmp_path / "records" / "consensus", {"07": PACK}, SCHEMA, drawn).by("R2")


def put(store, record, seen="none"):
    return store.write("07", json.dumps(record).encode(), seen)


def test_a_finished_record_becomes_the_mask_and_the_table_of_what_was_decided(store, tmp_path):
    records, numbers = tmp_path / "records", differences(two_readers())[0]
    seen = put(store, consensus_record([1, 3], finished=False))
    assert read_made(records, "consensus") == []
    seen = put(store, consensus_record([1, 3]), seen)
    expected = settled_labels(two_readers(), numbers, [1, 3])
    np.testing.assert_array_equal(read_mask(records / "consensus" / "s1.nii.gz", (0, 1, 2)).volume, expected)
    (row,) = read_made(records, "consensus")
    assert (row["scan"], row["reader"], row["named"]) == ("s1", "R2", "d" * 64)
    rows = read_rows(decisions_file(records))
    assert [row["decision"] for row in rows] == ["keep", "remove", "keep", "remove", "remove"]
    assert [row["reason"] for row in rows] == ["", "vessel", "", "vessel", "vessel"]
    assert [int(row["voxels"]) for row in rows] == np.bincount(numbers.ravel())[1:].tolist()
    assert rows[0]["slice"] == "2"  # people count from 1
    put(store, consensus_record([1, 3], finished=False, notes="again"), seen)
    assert read_made(records, "consensus") == read_rows(decisions_file(records)) == []


def test_decisions_that_are_none_are_refused(store):
    good = consensus_record([1])
    for change in (
        {"differences": 4},
        {"decisions": good["decisions"][:4]},
        {"decisions": good["decisions"][::-1]},
        {"decisions": [*good["decisions"], {"difference": 6, "keep": True, "reason": None}]},
        {"result": good["result"] | {"voxels": 3}},
        {"grid": [5, 40, 47]},
        {"pack": "f" * 32},
    ):
        with pytest.raises(InputError):
            put(store, consensus_record([1], **change))
    with pytest.raises(InputError):
        put(store, good | {"notes": "altered"})
    assert not list(store.folder.glob("*.nii.gz"))


# What the study makes of it


def test_where_the_consensus_is_vhi_change_and_pages_wait_for_it_and_agreement_never_sees_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = SmallStudy(tmp_path / "small")
    study.readings[-2:] = [["a2", reader, 1, "semiautomatic", "a1_cleaned_R1.nii.gz", None] for reader in ("R1", "R2")]
    study.write()

    def plan(**room):
        study.config["reading_room"] = room
        study.write()
        return Plan(load_study(ROOT, str(study.folder)), ROOT, {"task": "agreeing"})

    readers = plan()
    assert list(readers.scans_to_agree) == ["a1", "a2"]
    assert "<results>/6b_reading_room/agreeing/reading_list.tsv" in readers.targets_of_read
    assert readers.unagreed == []
    assert readers.has_change
    waiting = plan(vhi="consensus")
    assert waiting.unagreed == ["a1", "a2"]
    assert not waiting.has_change
    assert waiting.vhi_rows(["a1"]) == []
    row = dict.fromkeys(("reader", "made", "rating", "note"), "")
    made = [row | {"scan": scan, "mask": f"{scan}.nii.gz", "named": "d"} for scan in ("a1", "a2")]
    write_made(study.folder / "records", "consensus", made)
    done = plan(vhi="consensus")
    assert done.has_change
    assert done.vhi_of(["a1"]) == {("a1", "consensus"): "<results>/6_cleaning/consensus/a1.nii.gz"}
    assert [one["reader"] for one in done.vhi_rows(["a1"])] == ["consensus"]
    assert done.page_inputs("a1")["uncertainty"] == "<results>/6_cleaning/consensus.tsv"
    assert done.shown_cleanings["a2"]["reader"] == "consensus"
    for agreement in ("reading_rows", "cleaned_readings", "compared_readings", "cleaning_readers", "reading_order"):
        assert getattr(done, agreement) == getattr(readers, agreement)
    study.readings[-2:] = [["a2", reader, 1, "semiautomatic", None, 100] for reader in ("R1", "R2")]
    with pytest.raises(InputError, match="scan a2 has counts of several readers"):
        _ = plan(vhi="consensus").unagreed
    study.config["readers"] = ["R1", "consensus"]
    (study.folder / "config.yaml").write_text(yaml.safe_dump(study.config))
    with pytest.raises(InputError, match="consensus"):
        load_study(ROOT, str(study.folder))


def test_error_and_change_of_the_consensus():
    rng, rows = np.random.default_rng(1), []
    for number in range(8):
        for session in ("pre", "post"):
            for reader in ("R1", "R2"):
                rows.append({"scan": f"s{number}{session}", "subject": f"s{number}", "session": session, "repeat": 1, "reader": reader,
                    "trial": "1", "limit_rule": "paper", "vhi_voxels": int(rng.integers(20, 400)), "method": "semiautomatic",
                    "sd_log_patch": 0.1, "sd_log_region": np.nan, "sd_log_reader": 0.2, "sd_log_scan": 0.3})  # fmt: skip
    errors = pd.DataFrame(rows).assign(vhi_mm3=lambda table: 2.0 * table["vhi_voxels"])
    agreed = errors[errors["reader"] == "R1"][["scan", "vhi_voxels"]].assign(voxel_mm3=2.0)
    alone = errors[(errors["scan"] != "s0pre") | (errors["reader"] == "R2")]
    of = {scan: ["R1", "R2"] for scan in agreed["scan"][1:]}
    found = consensus_table(alone, agreed.iloc[1:], of, "paper").set_index("scan")
    assert set(found["reader"]) == {"consensus"}
    assert found.loc["s0pre", "source"] == "R2"  # read by one alone
    row = found.loc["s1pre"]
    assert row["vhi_mm3"] == 2 * row["vhi_voxels"]
    assert row["sd_log_reader"] == pytest.approx(0.2 / np.sqrt(2))
    assert (row["sd_log_patch"], row["sources_missing"]) == (pytest.approx(0.1), "region")
    assert row["low_voxels"] < row["vhi_voxels"] < row["high_voxels"]
    sparcc = errors[["scan", "subject", "session", "reader"]].assign(sparcc=rng.integers(0, 40, len(errors)))
    changes, detectable = change_tables(errors, sparcc, "voxels", ["R1", "R2"], ["R1", "R2"])
    both, limits = with_consensus(changes, detectable, found.reset_index(), "voxels", ("pre", "post"))
    first = both.groupby("measure").first()
    assert first["reader"].tolist() == ["consensus", "consensus"]
    mean = changes[(changes["measure"] == "sparcc") & (changes["reader"] == "mean")]
    score = both[(both["measure"] == "sparcc") & (both["reader"] == "consensus")]
    assert score["change"].tolist() == mean["change"].tolist()
    limits = limits.set_index(["measure", "reader"])["smallest_detectable_change"]
    assert limits["vhi", "consensus"] == limits["vhi", "R1"] > limits["vhi", "mean"]
    assert limits["sparcc", "consensus"] == limits["sparcc", "mean"]
    pd.testing.assert_frame_equal(
        both[both["reader"] != "consensus"].reset_index(drop=True), changes.reset_index(drop=True)
    )
