"""The scoring page: SPARCC by its rules, and the sheet that the next run takes."""

import json

import pandas as pd
import pytest

from page_driver import Reader
from phantom_page import PACK, ROOT, STORED, make_page, sparcc_record, stored
from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.io.tables import read_rows
from vhi.reading_room.intake import parse_record
from vhi.reading_room.made import sheet_file
from vhi.reading_room.makers import Drawn
from vhi.reading_room.scores import Scores
from vhi.statistics.sparcc import sparcc_scores, with_made
from vhi.study.load import load_study
from vhi.study.plan import Plan
from vhi.study.rows import read_schema
from vhi.study.tables import read_study_table

SCHEMA = read_schema(ROOT, "sparcc_record")


@pytest.mark.parametrize("axes", STORED)
def test_scores_are_entered_by_pointer_touch_and_keys_and_keep_the_rules(browser, tmp_path, axes):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, has_touch=True, accept_downloads=True)
    reader = Reader(context, make_page(tmp_path, stored(tmp_path, axes), "scoring"))

    def ones():
        record = parse_record(json.dumps(reader.record()).encode(), SCHEMA)
        found = [
            (row["slice"], row["side"], item)
            for row in record["scores"]
            for item, value in row.items()
            if value == 1 and item not in ("slice", "side")
        ]
        assert record["result"]["total"] == len(found)
        return found

    reader.press("q")
    assert "Choose the first of the six slices" in reader.page.inner_text("#hint")
    reader.page.evaluate("go(7)")
    reader.press("t")  # slice 8 of 10
    assert "Six slices do not follow: choose slice 5 or one before it." in reader.page.inner_text("#hint")
    reader.page.evaluate("go(2)")
    reader.page.click("#first")
    reader.press("z")  # depth before oedema
    assert "only where a quadrant of this joint has oedema" in reader.page.inner_text("#hint")
    assert ones() == []
    assert reader.page.is_disabled("#right_depth")
    reader.press("q", "z", "k")  # upper ilium and depth on the right, lower sacrum on the left
    assert ones() == [(2, "right", "q1"), (2, "right", "depth"), (2, "left", "q4")]
    reader.page.click("#right_q4")
    box = reader.page.locator("#left_intensity").bounding_box()
    reader.page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    assert (2, "left", "intensity") in ones()
    reader.press("q")  # q4 is left: depth stays
    assert (2, "right", "depth") in ones()
    reader.press("s")  # the last quadrant of the joint takes depth with it
    assert ones() == [(2, "left", "q4"), (2, "left", "intensity")]
    reader.press("Control+z")
    assert (2, "right", "depth") in ones()
    reader.press("Control+y", "Home", "q")
    assert "not one of the six" in reader.page.inner_text("#hint")
    reader.press("f")
    assert "slices 4, 5, 7 have not been shown" in reader.page.inner_text("#hint")
    for slice_ in range(2, 8):
        reader.page.evaluate("slice => go(slice)", slice_)
    reader.press("p")
    assert (7, "left", "q1") in ones()
    reader.saved()
    reader.page.reload()
    reader.wait()
    record = parse_record(reader.download(lambda: reader.press("f")), SCHEMA)
    assert record["finished"]
    assert ones() == [(2, "left", "q4"), (2, "left", "intensity"), (7, "left", "q1")]
    assert not reader.errors
    context.close()


@pytest.fixture
def store(tmp_path):
    return Scores(tmp_path / "records" / "scoring" / "R1", {"07": PACK}, SCHEMA, {"07": Drawn("a1", "", "")}).by("R1")


def put(store, record, seen="none"):
    return store.write("07", json.dumps(record).encode(), seen)


def test_a_finished_record_becomes_the_sheet_and_an_open_one_leaves_it(store, tmp_path):
    path = sheet_file(tmp_path / "records", "R1")
    given = [(2, "right", "q1"), (2, "right", "depth"), (7, "left", "q4")]
    seen = put(store, sparcc_record(*given, finished=False))
    assert not path.exists()
    seen = put(store, sparcc_record(*given), seen)
    sheet = read_study_table(path, "sparcc_sheets")  # by the rules of the study's own table
    assert len(sheet) == 12
    assert sorted(set(sheet["slice"])) == [3, 4, 5, 6, 7, 8]  # people count from 1
    found = sparcc_scores(pd.DataFrame(columns=["scan", "reader", "sparcc", "source"]), sheet)
    assert found[["scan", "reader", "sparcc"]].to_numpy().tolist() == [["a1", "R1", 3]]
    put(store, sparcc_record(*given, finished=False, notes="again"), seen)
    assert read_rows(path) == []


def test_scores_that_break_the_rules_are_refused(store):
    good = sparcc_record((2, "right", "q1"))
    for record in (
        sparcc_record((2, "right", "depth")),
        sparcc_record((2, "right", "depth"), (2, "left", "q1")),
        sparcc_record(begin=5),  # ten slices
        sparcc_record(scores=good["scores"][:11]),
        sparcc_record(scores=good["scores"][::-1]),
        sparcc_record((2, "right", "q1"), result={"total": 2}),
        sparcc_record(begin=2) | {"begin": None},
        sparcc_record(scores=[], **{"finished": True}) | {"notes": "altered"},
        sparcc_record(pack="f" * 32),
    ):
        with pytest.raises(InputError):
            put(store, record)
    assert not list(store.folder.glob("*.tsv"))


def test_the_next_run_takes_the_sheet_and_the_studys_own_scores_win(store, tmp_path, monkeypatch):
    put(store, sparcc_record((2, "right", "q1"), (3, "right", "q1")))
    made = read_study_table(sheet_file(tmp_path / "records", "R1"), "sparcc_sheets")
    empty, none = (read_study_table(None, name) for name in ("scores", "sparcc_sheets"))
    assert sparcc_scores(*with_made(empty, none, [made]))["sparcc"].tolist() == [2]
    total = pd.DataFrame([{"scan": "a2", "reader": "R1", "sparcc": 9.0, "source": "total"}])
    found = sparcc_scores(*with_made(total, none, [made])).set_index("scan")["sparcc"]
    assert found.to_dict() == {"a1": 2, "a2": 9}
    own = total.assign(scan="a1")
    assert sparcc_scores(*with_made(own, none, [made]))["sparcc"].tolist() == [9]
    monkeypatch.chdir(tmp_path)
    study = SmallStudy(tmp_path / "small")
    study.config["reading_room"] = {"records": str(tmp_path / "records")}
    study.write()
    plan = Plan(load_study(ROOT, str(study.folder)), ROOT, {"task": "scoring", "reader": "R2"})
    assert plan.sparcc_scores == "<results>/cohort/sparcc.tsv"
    assert plan.sparcc_made == [str(sheet_file(tmp_path / "records", "R1"))]
    assert plan.targets_of_read == ["<results>/6b_reading_room/scoring/R2/reading_list.tsv"]
    assert plan.scans_to_score == ["a1", "a2"]
