"""What is expected and what is there; which scans need a look; the words of a summary."""

import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from reading_age import grade
from small_study import SmallStudy, oblique_affine
from vhi.figures.pages import scan_figure, webp
from vhi.figures.reading import draw_disagreement
from vhi.figures.stacks import overlay_of, stacks_of
from vhi.figures.style import in_256_colours, new_figure
from vhi.figures.summary import draw_summary
from vhi.figures.summary_shown import marks_seen, shown_levels, what_is_shown, with_values
from vhi.figures.summary_texts import LANGUAGES, texts
from vhi.figures.summary_values import change_of, detectable_ml, joints_ml, session_value
from vhi.figures.summary_words import for_clinician, for_patient, headline, spoons
from vhi.figures.training import draw_slice_dice
from vhi.io.tables import write_rows
from vhi.report.first_page import visits_table
from vhi.report.inventory import expected_of_study, missing_sessions, results_of
from vhi.report.pages import sheet_page
from vhi.report.parts import TABLE_BYTES, data_of, items_of, part_page, parts_of
from vhi.report.scan_pages import cohort_page, scan_page
from vhi.report.scan_review import angle_between, notes_on, reasons_to_look, region_limit, slice_angles
from vhi.report.top import COLUMNS, in_short, read_inventory, top_of_report, with_checksums
from vhi.study.load import load_study

ROOT = Path(__file__).parents[1]


def states(study: SmallStudy) -> dict[str, str]:
    """State of everything that the small study expects."""
    return {row["what"]: row["state"] for row in expected_of_study(load_study(ROOT, str(study.folder)))}


def test_a_complete_scan_is_there(small_study):
    found = states(small_study)
    for part in ("T1w scan", "STIR scan", "patch of normal marrow", "disease region", "cleaned by R1", "cleaned by R2"):
        assert found[f"a1: {part}"] == "there", part
    assert found["a2: cleaned by R1"] == "count only"
    assert found["b1: disease region"] == "there"
    assert "b1: STIR scan" not in found  # its row names none: not planned
    assert found["subject B: no scan of session post"] == "missing"


def test_a_scan_taken_away_is_missed(small_study):
    small_study.config["absent_files"] = "report"
    small_study.write()
    (small_study.data / "a1_STIR.nii.gz").unlink()
    found = states(small_study)
    assert found["a1: STIR scan"] == "missing"
    assert found["a1_STIR.nii.gz"] == "missing"
    small_study.scans = [row for row in small_study.scans if row[0] != "b1"]
    small_study.scans.append(["c1", "C", "pre", "b1_T1W.nii.gz", None, None, None, None, "apply"])
    found = states(small_study.write())
    assert "subject A: no scan of session post" not in found
    assert found["subject C: no scan of session post"] == "missing"


def test_a_reader_taken_away_is_missed(small_study):
    small_study.readings = [row for row in small_study.readings if row[1] == "R1" or row[3] == "manual"]
    found = states(small_study.write())
    assert found["a1: cleaned by R1"] == "there"
    assert found["a1: cleaned by R2"] == found["a2: cleaned by R2"] == "missing"
    small_study.readings.append(["a1", "R2", 1, "semiautomatic", None, None])
    assert states(small_study.write())["a1: cleaned by R2"] == "open"


SUMMARY = """Building DAG of jobs...
output_file	date	rule	log-file(s)	status	plan
{0}/dice.tsv	Mon	dice	-	ok	no update
{0}/figure_4.png	Mon	figure_4	-	missing	update pending
{0}/figure_5.png	Mon	figure_5	-	params changed	update pending
{0}/medians.tsv	Mon	dice	-	ok	update pending
"""


def test_a_figure_taken_away_is_missed_and_an_old_one_is_stale(tmp_path):
    for name in ("dice.tsv", "figure_5.png", "medians.tsv"):
        (tmp_path / name).write_text(name)
    rows = [row | {"kind": "result"} for row in results_of(SUMMARY.format(tmp_path))]
    assert [row["state"] for row in rows] == ["there", "missing", "stale", "stale"]
    rows = with_checksums(rows)
    top = top_of_report(rows, simulated=True)
    assert top["lines"][0].startswith("**Simulated data")
    assert top["lines"][1].startswith("**Missing (1):** ")
    assert "figure_4.png" in top["lines"][1]
    assert "params changed" in top["lines"][-1]
    assert (top["there"], top["expected"], top["shown"]) == (1, 4, 3)
    write_rows(tmp_path / "inventory.tsv", COLUMNS, rows)
    read = read_inventory(tmp_path / "inventory.tsv")
    assert top_of_report(read, simulated=True) == top
    (tmp_path / "dice.tsv").write_text("changed")
    assert top_of_report(with_checksums(rows), simulated=True)["checksum"] != top["checksum"]
    assert results_of("no table") == []
    assert top_of_report([], simulated=False)["lines"] == []


def test_few_are_named_and_many_are_counted():
    rows = [
        {"kind": "result", "what": f"results/x/4_inflammation/{n}.nii.gz", "state": "stale", "note": ""}
        for n in range(9)
    ]
    rows += [{"kind": "scan", "what": f"a{n}: STIR scan", "state": "stale", "note": ""} for n in range(2)]
    rows += [{"kind": "session", "what": "subject B: no scan of session post", "state": "missing", "note": ""}]
    assert in_short(rows, "stale") == "4_inflammation (9); STIR scan: a0; STIR scan: a1"
    assert in_short(rows, "missing") == "subject B: no scan of session post"
    assert in_short(rows, "open") == ""


def test_the_checksum_is_that_of_sha256sum(tmp_path):
    import hashlib

    path = tmp_path / "a.tsv"
    path.write_bytes(b"abc")
    rows = with_checksums([{"kind": "result", "what": str(path), "state": "there", "note": ""}])
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert [row["sha256"] for row in rows] == [digest]
    assert top_of_report(rows, False)["checksum"] == hashlib.sha256(f"{digest}  {path}\n".encode()).hexdigest()


def test_a_study_of_one_session_misses_none():
    assert missing_sessions([{"subject": "A", "session": "pre"}, {"subject": "B", "session": "pre"}]) == []


def test_what_makes_a_scan_need_a_look():
    there = [{"what": "T1w scan", "state": "there"}]
    assert reasons_to_look({"expected": there}) == []
    stability = [
        {"patch": "as drawn", "preliminary_voxels": 1000.0, "change_percent": 0.0},
        {"patch": "without the brightest voxel", "preliminary_voxels": 1400.0, "change_percent": 40.0},
    ]
    facts = {
        "expected": [*there, {"what": "cleaned by R2", "state": "missing"}],
        "quality": {"predicted_dice": 0.612, "unusual": "large"},
        "region_limit": 0.85,
        "limits": {"voxels": 40},
        "stability": stability,
        "vhi": {"R1": 1000, "R2": 100},
        "angle_apart": 5.0,
    }
    found = reasons_to_look(facts)
    said = " | ".join(item["reason"] for item in found)
    assert found[0]["reason"] == "disease region is uncertain: predicted Dice 0.61; large"
    for part in (
        "only 40 voxels",
        "+40 %",
        "R1 1,000, R2 100",
        "5.0 degrees",
        "missing: cleaned by R2",
    ):
        assert part in said, part
    assert [item["weight"] for item in found] == sorted((item["weight"] for item in found), reverse=True)
    assert reasons_to_look({"expected": there, "vhi": {"R1": 90, "R2": 0}}) == []  # few voxels
    assert reasons_to_look({"expected": there, "vhi": {"R1": 5000, "R2": 4000}}) == []


def test_the_angle_of_the_slices():
    affine = np.eye(4)
    affine[:3, 0] = (0, -np.cos(np.radians(25)), np.sin(np.radians(25)))
    assert slice_angles(affine)["tilt"] == pytest.approx(25)
    assert slice_angles(affine)["turn"] == pytest.approx(0)
    affine[:3, 0] = (0, -3, 0)
    assert slice_angles(affine)["tilt"] == pytest.approx(0)
    other = np.eye(4)
    other[:3, 0] = (np.sin(0.1), -np.cos(0.1), 0)
    assert angle_between(affine, other) == pytest.approx(np.degrees(0.1))
    assert oblique_affine().shape == (4, 4)


# The summary of a subject


def value(**voxels):
    return session_value([{"reader": r, "voxels": v, "voxel_mm3": 2.0} for r, v in voxels.items()])


def test_change_is_of_the_readers_who_read_both():
    pre, post = value(R1=1000, R2=3000), value(R1=500)
    assert pre["ml"] == pytest.approx(4)
    change = change_of(pre, post)
    assert change["ml"] == pytest.approx(-1)
    assert change["voxels"] == -500
    assert change["percent"] == pytest.approx(-50)
    assert headline(pre, post) == "$V_{HI}$ fell from 2.00 ml to 1.00 ml (-50 %), measurement error unknown"
    assert change_of(value(R1=1), value(R2=1)) == {}
    assert "different readers" in headline(value(R1=1), value(R2=1))
    assert change_of(value(R1=0), value(R1=10))["percent"] is None
    assert headline(pre, post, {"flag": "decrease"}).endswith("(-50 %), beyond measurement error")
    assert headline(pre, post, {"flag": "no"}).endswith("(-50 %), within measurement error")
    assert headline(value(R1=5), value(R1=5)) == "$V_{HI}$ is 0.010 ml, as before treatment"
    assert headline(None, value(R1=1000)) == "Volume of hyperintense inflammation after treatment: 2.00 ml"


def test_the_words_say_no_more_than_the_numbers():
    pre, post = value(R1=1000, R2=1000), value(R1=900, R2=1200)
    said = " ".join(for_clinician(pre, post, detectable_ml=1.0))
    assert "do not agree on the direction" in said
    assert "within what readers of this study differ by" in said
    assert "may be chance" in " ".join(for_patient(pre, post, {"flag": "no", "probability_of_decrease": 0.2}))
    assert "larger than before" in " ".join(for_patient(pre, post))
    assert "beyond" in " ".join(for_clinician(value(R1=5000), post, detectable_ml=0.1))
    assert "no change" in " ".join(for_clinician(pre, None))
    assert (
        "a little smaller than before: about 4 tablespoons both times"
        in for_patient(value(R1=32000), value(R1=30000))[1]
    )


def test_volumes_in_spoons():
    assert [spoons(ml) for ml in (0, 0.1, 0.5, 2.4, 5, 7.6, 10, 114)] == [
        "nothing at all", "less than a few drops", "about a tenth of a teaspoon", "about half a teaspoon", "about a teaspoon",
        "about one and a half teaspoons", "about 2 teaspoons", "about 8 tablespoons",
    ]  # fmt: skip


# Pages


def volumes():
    rng = np.random.default_rng(3)
    image = rng.integers(50, 200, (8, 40, 44)).astype(float)
    labels = np.zeros(image.shape, np.uint8)
    labels[2, 10:20, 10:20], labels[6, 10:12, 10:12] = 2, 1
    region = np.zeros(image.shape, np.uint8)
    region[1:7, 5:35, 5:40] = 1
    return image, labels, region


def session(image, region, masks, counts=None, spacing=(3.0, 1.0, 1.0), level=100):
    """A session as the script of the summary reads it: counts of readers, masks of some of them."""
    found = {reader: int(np.count_nonzero(labels)) for reader, labels in masks.items()}
    return {"scan": "s", "visit": "post", "counts": found | (counts or {}), "kept": masks, "voxel_mm3": 2.0, "stir": image,
            "region": region, "spacing": spacing, "limits": {"q1": level, "q3": level}}  # fmt: skip


def said_on(figure) -> str:
    return " ".join(item.get_text() for item in figure.texts).replace("\n", " ")


def coloured(figure) -> bool:
    """Whether anything but grey is drawn on the pictures of a page."""
    return any(len(ax.images) > 1 for ax in figure.axes)


def test_the_words_of_a_summary_are_about_its_pictures():
    image, labels, region = volumes()
    fewer = np.where(np.arange(8)[:, None, None] == 2, labels, 0)
    found = with_values({"pre": session(image, region, {"R1": labels, "R2": fewer})})["pre"]
    assert found["share"].sum() == found["value"]["voxels"] == 102  # the mean of 104 and 100, voxel by voxel
    assert "kept by R1 and R2; pale: not by all" in what_is_shown(found, marks_seen(found, [2, 6]))
    assert "pale" not in what_is_shown(found, marks_seen(found, [2]))
    assert "only on others" in what_is_shown(found, marks_seen(found, [0, 1]))
    page = draw_summary("s01", {"pre": found}, None, None, False)
    assert coloured(page)
    assert "In all, the coloured part is" in said_on(page)
    assert "102 voxels" in said_on(page)


def test_without_a_cleaned_mask_nothing_is_coloured_and_the_words_say_so():
    image, labels, region = volumes()
    count = {"R1": 104, "R2": 90}
    for sessions in (
        {"pre": session(image, region, {}, count)},
        {"pre": session(image, region, {"R1": labels}), "post": session(image, region, {}, count)},
    ):
        found = with_values(sessions)
        page = draw_summary("s01", found, None, None, False)
        assert not coloured(page)
        assert "oloured" not in said_on(page)
        assert "nothing is marked" in said_on(page)
        assert "brighter than normal marrow" not in [
            text.get_text() for legend in page.legends for text in legend.texts
        ]
        figure = np.asarray(rendered(page))
        assert not np.any(np.abs(figure.astype(int) - np.array(to_rgb("#F0E442")) * 255).max(axis=2) < 6)


SAID_OF = {  # labels of the pictures: what the page says of them, and what it must not say
    (): ("no such bone, so nothing is coloured", ("oloured bone", "Orange", "Yellow", "Pale", "brighter than", "larger", "smaller")),
    (1,): ("Yellow bone seems", ("orange", "Orange", "Coloured bone", "brighter than any")),
    (2,): ("Orange bone seems", ("yellow", "Yellow", "Coloured bone", "brighter than normal")),
    (1, 2): ("Coloured bone seems to hold more fluid than your normal bone, orange more than yellow", ("Orange", "Yellow")),
}  # fmt: skip


@pytest.mark.parametrize("kept", SAID_OF)
@pytest.mark.parametrize("visits", [["pre"], ["pre", "post"]], ids=len)
def test_a_summary_names_the_colours_that_its_pictures_show_and_no_others(kept, visits):
    image, labels, region = volumes()
    masks = {"R1": np.where(np.isin(labels, kept), labels, 0), "R2": np.where(np.isin(labels, kept), labels, 0)}
    page = draw_summary("s01", with_values({name: session(image, region, masks) for name in visits}), None, None, False)
    legend = [text.get_text() for one in page.legends for text in one.texts]
    said = " ".join([said_on(page).split("For the patient")[1], *legend])
    there, absent = SAID_OF[kept]
    assert there in said
    assert not [words for words in absent if words in said]
    assert len(legend) == len(kept)
    assert said_on(page).count("Kept by R1 and R2: nothing") == len(visits) * (not kept)


def test_a_visit_at_which_nothing_was_kept_says_so_beside_one_with_colour():
    image, labels, region = volumes()
    both = {"pre": session(image, region, {"R1": labels}), "post": session(image, region, {"R1": 0 * labels})}
    said = said_on(
        draw_summary("s01", with_values(both), None, {"flag": "decrease", "probability_of_decrease": 1}, False)
    )
    assert said.count("Coloured: kept by R1.") == said.count("Kept by R1: nothing, so that nothing is coloured.") == 1
    assert "smaller than before: nothing at all" in said
    assert "(-100 %), beyond measurement error" in said


def rendered(figure):
    import io

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=50)
    return Image.open(buffer).convert("RGB")


def test_the_same_readers_are_counted_and_shown_in_both_sessions():
    image, labels, region = volumes()
    both = {"R1": labels, "R2": labels}
    found = with_values(
        {"pre": session(image, region, both), "post": session(image, region, {"R1": labels}, {"R2": 9})}
    )
    assert [list(one["value"]["readers"]) for one in found.values()] == [["R1"], ["R1"]]
    assert "Neither counted nor shown: R2" in what_is_shown(found["post"], set())
    table = pd.DataFrame(
        {"measure": "vhi", "unit": "voxels", "readers_averaged": [2, 1], "smallest_detectable_change": [5, 10]}
    ).assign(session="post")
    assert detectable_ml(table, found) == pytest.approx(0.02)  # of one reader
    apart = with_values({"pre": session(image, region, {"R1": labels}), "post": session(image, region, {"R2": labels})})
    assert "different readers" in headline(apart["pre"]["value"], apart["post"]["value"])
    assert "Different readers" in " ".join(for_patient(apart["pre"]["value"], apart["post"]["value"]))
    assert "one session only" not in " ".join(for_clinician(apart["pre"]["value"], apart["post"]["value"]))


def test_both_sessions_show_the_same_levels_on_one_scale_of_brightness():
    image, labels, region = volumes()
    other = {"R1": np.roll(labels, 1, axis=0)}  # the subject lies one slice further, and the scan has another scale
    found = with_values({
        "pre": session(image, region, {"R1": labels}),
        "post": session(3 * image, np.roll(region, 1, axis=0), other, level=300),
    })  # fmt: skip
    assert shown_levels(found, 2) == {"pre": [2, 6], "post": [3, 7]}
    page = draw_summary("s01", found, None, None, False)
    windows = [ax.images[0].get_clim()[1] for ax in page.axes]
    assert windows[2:] == pytest.approx([3 * white for white in windows[:2]])
    assert [ax.texts[-1].get_text() for ax in page.axes] == ["slice 3", "slice 7", "slice 4", "slice 8"]
    plain = with_values({"pre": session(image, region, {}, {"R1": 1})})
    assert len(shown_levels(plain, 3)["pre"]) == 3
    assert len(shown_levels(with_values({"pre": session(image, 0 * region, {}, {"R1": 1})}), 2)["pre"]) == 2


def test_nothing_of_a_summary_is_cut_off_at_the_edge():
    image, labels, region = volumes()
    masks = {f"reader{n}": labels for n in range(3)}
    both = {"pre": session(image, region, masks), "post": session(image, region, masks, {"reader4": 7})}
    for sessions in (both, {"post": both["post"]}, {"pre": session(image, region, {}, dict.fromkeys(masks, 50_000))}):
        page = draw_summary("s01", with_values(sessions), 0.05, None, True)
        page.canvas.draw()
        whole = page.bbox
        for text in [*page.texts, *(item for ax in page.axes for item in ax.texts)]:
            box = text.get_window_extent()
            assert box.width == 0 or (box.x0 >= 0 and box.x1 <= whole.width and box.y0 >= 0), text.get_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_summary_fits_its_page_in_every_language(language):
    """Also with the longest sentences: nothing leaves the page, and no column of text reaches what stands below it."""
    image, labels, region = volumes()
    masks = {f"reader{n}": labels for n in range(3)}
    sessions = with_values(
        {"pre": session(image, region, masks), "post": session(image, region, masks, {"reader4": 7})}
    )
    joints = {f"{side} {bone}": [12.34, 0.12] for side in ("right", "left") for bone in ("ilium", "sacrum")}
    error = {"flag": "decrease", "probability_of_decrease": 0.97}
    page = draw_summary("s01", sessions, 0.05, error, True, joints, language)
    page.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in page.texts}
    assert all(box.x0 >= 0 and box.x1 <= page.bbox.width and box.y0 >= 0 for box in boxes.values())
    *_, note = boxes.values()
    columns = [box for text, box in boxes.items() if text.count("\n") > 4]
    assert len(columns) == 2
    assert min(box.y0 for box in columns) >= note.y1
    assert ("nicht geprüft" in said_on(page)) == (language == "de")
    assert ("no revisada" in said_on(page)) == (language == "es")


def test_every_text_of_a_summary_is_translated_with_the_same_places_to_fill():
    places = re.compile(r"\{(\w*)\}")
    english = texts("en")
    for language in LANGUAGES[1:]:
        other = texts(language)
        for key, text in english.items():
            assert other[key].strip(), key
            assert sorted(places.findall(other[key])) == sorted(places.findall(text)), f"{language}: {key}"


def test_the_words_for_the_patient_are_read_at_grade_8():
    values = [value(R1=0), value(R1=400), value(R1=420), value(R1=9000, R2=8000), value(R1=60_000)]
    grades = [
        grade(" ".join(for_patient(pre, post, error, marks)))
        for pre in (None, *values)
        for post in (None, *values)
        if pre or post
        for marks in ((), ("lower",), ("upper", "pale"), ("lower", "upper", "pale"))
        for error in (None, {"flag": "no"}, {"flag": "decrease"})
    ]
    assert max(grades) <= 8
    assert grade(texts("en")["clin_what"]) > 10  # the measure tells hard text from easy


def test_the_joints_of_a_summary_are_of_the_readers_it_shows():
    image, labels, region = volumes()
    found = with_values({"post": session(image, region, {"R1": labels, "R2": labels})})
    table = pd.DataFrame(
        [("s", reader, 1, side, bone, 1000.0 * (reader == "R1")) for reader in ("R1", "R2", "R3") for side in ("right", "left")
         for bone in ("ilium", "sacrum")], columns=["scan", "reader", "trial", "side", "bone", "vhi_mm3"])  # fmt: skip
    assert joints_ml(table, found) == {
        f"{side} {bone}": [0.5] for side in ("right", "left") for bone in ("ilium", "sacrum")
    }
    assert joints_ml(table[table["reader"] != "R2"], found) == joints_ml(None, found) == {}
    assert "right ilium 0.50" in " ".join(for_clinician(None, value(R1=5), joints=joints_ml(table, found)))


def test_a_summary_says_research_use_and_simulated():
    image, labels, region = volumes()
    sessions = with_values({"pre": session(image, region, {"R1": labels, "R2": labels})})
    for simulated in (False, True):
        text = said_on(draw_summary("s01", sessions, None, None, simulated))
        assert "Research use only" in text
        assert "no reading after treatment" in text
        assert ("Simulated" in text) == simulated


def test_people_count_slices_from_1():
    image, labels, _ = volumes()
    figure = new_figure(4, 2)
    row = {"scan": "s", "slice": 3, "row": 12, "column": 12, "voxels": 9, "a": "R1", "b": "R2", "a_did": "kept", "b_did": "removed",
           "a_reason": "", "b_reason": "vessel", "difference_voxels": 9, "difference_mm3": 9.0}  # fmt: skip
    axes = draw_disagreement(pd.Series(row), image, [labels, labels], (1, 1), figure.subplots(1, 2))
    assert (axes[0].images[0].get_array() == image[2]).all()
    assert "slice 3" in axes[0].texts[-1].get_text()
    # sparcc.py repeats the numbers of a sheet, which count from 1 already
    for path in [*(ROOT / "workflow_scripts").rglob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]:
        assert path.stem in ("orientation", "sparcc") or not re.search(r"slice \{", path.read_text()), path


def test_figure_s1_c_shows_each_test_slice_ours_beside_the_published():
    table = pd.DataFrame(
        {"scan": ["a", "a", "b"], "slice": [1, 2, 1], "dice": [0.9, np.nan, 0.8], "published_dice": [0.91, 0.92, 0.81]}
    )
    ax = draw_slice_dice(table, new_figure(4, 3).subplots(), "Test slices, 2 scans")
    assert [line.get_label() for line in ax.lines] == ["a, ours", "a, published", "b, ours", "b, published"]
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 2], [1, 2], [1], [1]]
    assert list(ax.lines[3].get_ydata()) == [0.81]
    assert len(draw_slice_dice(table.drop(columns="published_dice"), new_figure(4, 3).subplots(), "").lines) == 2


def test_pages_hold_their_pictures_and_order_is_kept():
    image, labels, region = volumes()
    facts = {"scan": "a1", "tilt": 25.0, "expected": [{"what": "T1w scan", "state": "there", "note": "<&>"}], "weight": 3,
             "reasons": [{"weight": 3, "reason": "readers differ"}], "numbers": [("V_HI", "12")]}  # fmt: skip
    seen = {"t1w": image, "t1w_spacing": (1, 1), "stir": image, "stir_spacing": (1, 1), "region": region,
            "probability": (100 * region // 2).astype(np.uint8), "preliminary": labels, "cleaned": {"R1": labels}}  # fmt: skip
    drawn = scan_figure(seen, facts, 1.5, False)
    assert [ax.get_title() for ax in drawn.axes[1:4]] == [
        "STIR, slice 3: normal marrow", "slice 3: preliminary", "slice 3: cleaned by R1"
    ]  # fmt: skip
    picture = webp(drawn, dpi=40)
    assert picture[8:12] == b"WEBP"
    stacks = stacks_of(seen)
    assert [(stack["name"], stack["slices"], stack["across"]) for stack in stacks] == [("STIR", 8, 3), ("T1w", 8, 3)]
    assert [layer["name"] for layer in stacks[0]["layers"] if layer["on"]] == ["disease region", "cleaned by R1"]
    text = scan_page(facts | {"notes": ["weak <networks>"]}, picture, stacks, simulated=True)
    assert "&lt;&amp;&gt;" in text
    assert "weak &lt;networks&gt;" in text
    assert "Simulated" in text
    assert "http" not in text  # opens offline


def test_an_overlay_shows_a_label_on_its_slice_alone():
    labels = np.zeros((5, 4, 6), np.uint8)
    labels[3, 1, 2] = 2
    sheet = Image.open(BytesIO(overlay_of(labels, ("#F0E442", "#D55E00")))).convert("RGBA")
    assert sheet.size == (3 * 6, 2 * 4)  # five slices, three across: the fourth begins the second row
    found = np.argwhere(np.asarray(sheet)[..., 3] > 0).tolist()
    assert found == [[4 + 1, 2]]
    assert sheet.getpixel((2, 5))[:3] == (213, 94, 0)


def test_the_page_of_all_scans_lists_them_and_opens_each():
    scans = [
        {
            "scan": f"ü{n}",
            "session": "pre",
            "weight": 3 * (n < 2),
            "reasons": [{"reason": "readers <differ>"}] * (n < 2),
        }
        for n in range(1000)
    ]
    text = cohort_page("All", ["nothing"], scans)
    assert text.count('<tr id="') == 1000
    assert "2 to be reviewed" in text
    assert "readers &lt;differ&gt;" in text
    assert 'src="scans/ü0.html"' in text
    assert len(text.encode()) < 5e5
    assert "Nothing that the study expects is missing" in cohort_page("All", [], scans[:1])


def test_weak_networks_flag_the_scans_that_stand_out_alone():
    weak = pd.DataFrame({"predicted_dice": [0.34, 0.66, 0.68, 0.7, 0.7, 0.72, 0.73]})
    limit = region_limit(weak, 0.85)
    assert 0.34 < limit < 0.66
    assert region_limit(weak + 0.2, 0.85) == 0.85  # most are good: the limit stands
    expected = [{"what": "disease region", "state": "there", "note": "ensemble"}]
    facts = {"expected": expected, "quality": {"predicted_dice": 0.7}, "region_limit": limit}
    assert reasons_to_look(facts) == []
    assert "as in most scans" in notes_on(facts, 0.85)[0]
    assert "uncertain" in reasons_to_look(facts | {"quality": {"predicted_dice": 0.34}})[0]["reason"]
    drawn = facts | {"expected": [expected[0] | {"note": "manual"}], "quality": {"predicted_dice": 0.1}}
    assert reasons_to_look(drawn) == notes_on(drawn, 0.85) == []


def test_the_first_page_gives_the_mean_of_the_readers_in_ml_with_its_interval():
    reading = {
        "subject": "s1",
        "session": "week0",
        "trial": 1,
        "method": "semiautomatic",
        "repeat": 1,
        "limit_rule": "paper",
    }
    errors = {"sd_log_patch": 0.1, "sd_log_region": None, "sd_log_reader": 0.2, "sd_log_scan": None}
    rows = [
        reading
        | errors
        | {"reader": reader, "vhi_voxels": voxels, "vhi_mm3": 2.0 * voxels, "high_voxels": 9.0, "high_mm3": 18.0}
        for reader, voxels in (("R1", 400), ("R2", 600))
    ]
    rows += [row | {"session": "week24", "vhi_voxels": 0, "vhi_mm3": 0.0} for row in rows]
    table = pd.DataFrame(rows)
    changes = pd.DataFrame({"subject": ["s1"], "session": ["week24"], "flag": ["decrease"]})
    columns, shown = visits_table(table, table, changes, ["week0", "week12", "week24"])
    assert columns == ["subject", "week0", "week24", "change"]
    assert re.fullmatch(r"1\.00 \(0\.\d\d to 1\.\d\d\)", shown[0][1])
    assert shown[0][3] == "decrease"
    assert visits_table(table, None, None, ["week0"]) == (["subject", "week0"], [["s1", "1.00"]])
    assert visits_table(None, None, None, ["week0"]) == ([], [])


def test_parts_of_the_report_hold_what_is_there(tmp_path):
    (tmp_path / "6_cleaning").mkdir()
    (tmp_path / "caption.rst").write_text("``V_HI`` of *all* <readers>,\n**simulated**")
    for name in ("figure_a.png", "figure_a.svg", "figure_b_s1.png", "figure_b_s2.png"):
        (tmp_path / "6_cleaning" / name).write_bytes(b"")
    (tmp_path / "6_cleaning" / "t.tsv").write_text("scan\tvhi\n</script>\t1\n")
    about = {"category": "6 Cleaning", "caption": tmp_path / "caption.rst"}
    shown = [about | {"path": f"6_cleaning/{name}", "label": label} for name, label in
             (("figure_a.png", "A"), ("figure_b_{of}.png", "B of {of}"), ("t.tsv", "T"), ("absent.tsv", "no"))]  # fmt: skip
    items = items_of(shown, tmp_path)
    assert [(item["label"], item["kind"]) for item in items] == [
        ("A", "figure"), ("B of s1", "figure"), ("B of s2", "figure"), ("T", "table")
    ]  # fmt: skip
    assert items[0]["others"] == ["figure_a.svg"]
    assert items[0]["caption"] == "<code>V_HI</code> of <i>all</i> &lt;readers&gt;,\n<b>simulated</b>"
    parts = parts_of([*items, items[0] | {"category": "0 Overview"}])
    assert [(part["name"], part["file"]) for part in parts] == [
        ("Overview", "0_overview.html"),
        ("6 Cleaning", "6_cleaning.html"),
    ]
    page = part_page("Study", parts, 1, tmp_path)
    assert page.count("</script>") == 2  # a cell cannot end the script that holds the table
    assert 'href="../../6_cleaning/figure_a.svg"' in page


def test_a_long_table_is_cut_to_what_a_page_may_hold():
    data = json.loads(data_of(["a"], [["x" * 1000]] * 1000))
    assert data["all"] == 1000
    assert len(data["rows"]) * 1000 < TABLE_BYTES < (len(data["rows"]) + 1) * 1010


def test_a_sheet_of_many_inputs_stays_small():
    inputs = pd.DataFrame(
        {"role": "t1w", "path": [f"{'folder/' * 20}{n}.nii.gz" for n in range(30_000)], "sha256": "f" * 64}
    )
    text = sheet_page("Provenance", {"a": "b"}, {"Inputs": inputs})
    assert len(text.encode()) < 1_500_000
    assert "The first 2,000 of 30,000 rows" in text


def test_a_figure_in_256_colours_keeps_the_few_yellow_pixels():
    pixels = np.random.default_rng(1).integers(0, 256, (60, 60, 1)).repeat(3, axis=2).astype(np.uint8)
    pixels[:20] = np.random.default_rng(2).integers(0, 256, (20, 60, 3))
    pixels[40, 40], pixels[59] = (240, 228, 66), 255
    reduced = np.asarray(in_256_colours(Image.fromarray(pixels)).convert("RGB")).astype(int)
    assert np.abs(reduced[40, 40] - (240, 228, 66)).max() < 30
    assert np.abs(reduced[20:40] - pixels[20:40]).max() <= 2
    assert (reduced[59] == 255).all()
