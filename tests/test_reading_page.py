"""The reading page in headless Chromium: every tool changes exactly the expected voxels."""

import json
import time

import nibabel as nib
import numpy as np
import pytest

from page_driver import Reader
from phantom_page import (
    SCHEMA,
    STORED,
    kept,
    make_page,
    phantom,
    stored,
    without,
)
from vhi.cleaning.applying import apply_record
from vhi.cleaning.records import canonical, number_lesions
from vhi.inflammation import label_regions
from vhi.io.images import write_labels
from vhi.reading_room.intake import parse_record


@pytest.fixture
def reader(browser, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 760}, accept_downloads=True)
    found = Reader(context, make_page(tmp_path, stored(tmp_path, "LSP")))
    yield found
    assert not found.errors
    context.close()


@pytest.mark.parametrize("axes", STORED)
def test_each_tool_changes_exactly_the_expected_voxels_however_the_scan_is_stored(browser, tmp_path, axes):
    images = stored(tmp_path, axes)
    np.testing.assert_array_equal(images["preliminary"].volume, phantom())
    context = browser.new_context(viewport={"width": 1280, "height": 760}, accept_downloads=True)
    reader = Reader(context, make_page(tmp_path, images))
    assert label_regions(phantom())[1] == 6  # in order: 1 on slice 1, 2 to 5 on slice 2, 6 on slice 4
    np.testing.assert_array_equal(kept(reader), phantom())
    reader.press("1")
    reader.click(2, 25, 28)  # click: the region with the corner
    np.testing.assert_array_equal(kept(reader), without(3))
    reader.click(1, 5, 6, shift=True)  # Shift+click: the lesion of two regions
    np.testing.assert_array_equal(kept(reader), without(1, 2, 3))
    reader.press("Control+z")
    np.testing.assert_array_equal(kept(reader), without(3))
    reader.press("Control+y")
    reader.press("Control+z", "Control+z", "Control+z")
    np.testing.assert_array_equal(kept(reader), phantom())
    reader.press("2")
    reader.drag(2, [(28, 3), (28, 11), (38, 11), (38, 3)])  # lasso
    np.testing.assert_array_equal(kept(reader), without(4))
    reader.press("l")
    reader.drag(2, [(15, 5), (17, 40)])  # line, this slice
    np.testing.assert_array_equal(kept(reader), without(2, 4))
    reader.drag(2, [(15, 5), (17, 40)], shift=True)  # line, all slices
    np.testing.assert_array_equal(kept(reader), without(1, 2, 4))
    reader.press("s")
    reader.click(2, 7, 10)  # restore
    np.testing.assert_array_equal(kept(reader), without(1, 4))
    reader.press("k")
    reader.click(2, 31, 40)  # keep only this one
    reader.press("r")
    np.testing.assert_array_equal(kept(reader), without(1, 2, 3, 4))
    reader.press("x", "3")
    reader.drag(4, [(17, 34.5), (17, 41), (23, 41), (23, 34.5)])  # cut: columns 35 and on
    expected = without(1, 2, 3, 4)
    expected[4, 18:22, 35:] = 0
    np.testing.assert_array_equal(kept(reader), expected)
    before = reader.record()
    assert {step["reason"] for step in before["steps"] if step["tool"] == "line"} == {"artefact"}
    assert [(cut["region"], cut["reason"]) for cut in before["cuts"]] == [(6, "joint space")]
    reader.saved()
    reader.page.reload()
    reader.wait()
    assert reader.record()["steps"] == before["steps"]
    np.testing.assert_array_equal(kept(reader), expected)
    for _ in range(8):
        reader.press("Control+z")  # undo goes on after a reload
    record = parse_record(reader.download(lambda: reader.page.click("#export")), SCHEMA)
    np.testing.assert_array_equal(apply_record(record, phantom()), phantom())
    for _ in range(8):
        reader.press("Control+y")
    record = parse_record(reader.download(lambda: reader.page.click("#export")), SCHEMA)
    write_labels(tmp_path / "cleaned.nii.gz", apply_record(record, phantom()), like=images["preliminary"])
    back = np.asanyarray(nib.load(tmp_path / "cleaned.nii.gz").dataobj)
    flips = tuple(slice(None, None, 1 if axis in "PIL" else -1) for axis in axes)
    np.testing.assert_array_equal(back, np.transpose(expected, STORED[axes])[flips])
    assert not reader.errors
    assert {url for url in reader.requests if not url.startswith("blob:")} == {(tmp_path / "07.html").as_uri()}
    context.close()


def test_a_cut_asks_for_its_reason_and_a_click_takes_the_cut_back(reader):
    reader.press("x")
    reader.drag(4, [(17, 34.5), (17, 41), (23, 41), (23, 34.5)])
    assert reader.page.locator("#ask").evaluate("dialog => dialog.open")
    assert reader.steps() == 0
    reader.press("Escape")
    reader.until("!document.getElementById('ask').open")
    assert reader.steps() == 0
    reader.drag(4, [(17, 34.5), (17, 41), (23, 41), (23, 34.5)])
    reader.press("5")
    reader.until("reading.steps.length === 1")
    assert [cut["reason"] for cut in reader.record()["cuts"]] == ["other"]
    reader.press("s")
    reader.click(4, 19, 38)
    np.testing.assert_array_equal(kept(reader), phantom())


def test_a_region_cut_away_whole_is_removed(reader):
    reader.press("x", "1")
    reader.drag(4, [(16, 28), (16, 42), (24, 42), (24, 28)])
    record = reader.record()
    assert (record["removed"], record["cuts"]) == ([{"region": 6, "reason": "vessel"}], [])
    np.testing.assert_array_equal(kept(reader), without(6))


def test_the_keyboard_alone_does_all(reader):
    reader.press("PageUp")  # from slice 3 of 5 to 2
    reader.press("1", "n", "Shift+Enter")  # the lesion of the first region
    reader.press("PageDown", "2", "n", "m", "r")  # keep the first of what is left there, remove the rest
    np.testing.assert_array_equal(kept(reader), without(1, 2, 4, 5))
    reader.press("End", "c")  # a pointer by keys, in the middle: row 20, column 24
    reader.press("x", "3", *["ArrowRight"] * 11, *["ArrowUp"] * 4, "Space", "Shift+ArrowRight", "Space")
    reader.press("Shift+ArrowDown", "Space", "Shift+ArrowLeft", "Space", "Enter")
    expected = without(1, 2, 4, 5)
    expected[4, 18:22, 35:] = 0  # the outline runs through the middle of column 35 and takes it
    np.testing.assert_array_equal(kept(reader), expected)
    reader.press("Control+z", "Control+z", "Control+z", "Control+z")
    np.testing.assert_array_equal(kept(reader), phantom())
    reader.press("Control+Shift+z")
    assert all(step["keyboard"] for step in reader.record()["steps"])
    reader.press("Home", "h", "b", "b", "[", "'", "+", "-", ".")
    reader.press("f")
    reader.until("document.getElementById('ask').open")
    assert "have not been shown" in reader.page.inner_text("#question")


def test_finishing_with_unseen_slices_asks_and_hands_out_the_record(reader):
    reader.click(2, 25, 28)
    reader.press("f")
    reader.until("document.getElementById('ask').open")
    assert reader.page.inner_text("#question") == "4 slices have not been shown: 1, 2, 4, 5."
    reader.press("1")
    reader.until("view.slice === 0")
    assert reader.record()["finished"] is None
    for _ in range(4):
        reader.press("PageDown")
    record = parse_record(reader.download(lambda: reader.press("f")), SCHEMA)
    assert record["finished"]
    assert record["slices_seen"] == [0, 1, 2, 3, 4]
    reader.press("Control+z")
    assert reader.record()["finished"] is None


def test_a_saved_record_is_loaded_into_another_browser(reader, browser, tmp_path):
    reader.page.fill("#notes", "Gefäß bei S1 – “unsicher” \u2028 \ud83d\ude42")
    reader.press("Escape")
    reader.page.click("#code")
    reader.click(2, 25, 28)
    (tmp_path / "07_record.json").write_bytes(reader.download(lambda: reader.page.click("#export")))
    context = browser.new_context()
    other = Reader(context, (tmp_path / "07.html").as_uri())
    assert other.steps() == 0
    other.page.set_input_files("#file", tmp_path / "07_record.json")
    other.until("reading.steps.length === 1")
    assert other.record()["notes"] == reader.record()["notes"]
    np.testing.assert_array_equal(kept(other), kept(reader))
    damaged = json.loads((tmp_path / "07_record.json").read_text())
    (tmp_path / "07_record.json").write_text(json.dumps(damaged | {"notes": "x"}))
    other.page.set_input_files("#file", tmp_path / "07_record.json")
    other.until("document.getElementById('hint').textContent.includes('was changed after')")
    context.close()


def test_page_and_workflow_write_the_same_canonical_form(reader):
    reader.page.fill("#notes", 'tab\t newline\n quote" back\\ control\x07 \u2028 é 漢 \U0001f600')
    record = reader.record()
    assert reader.page.evaluate("canonical((({checksum, ...bare}) => bare)(reading.record()))").encode() == canonical(
        record
    )


def test_a_scan_of_the_papers_size_opens_and_answers_in_time(browser, tmp_path):
    rng = np.random.default_rng(0)
    shape = (25, 336, 336)
    labels = np.zeros(shape, np.uint8)
    for _ in range(700):
        slice_, row, column = rng.integers(0, shape[0]), rng.integers(8, 320), rng.integers(8, 320)
        labels[slice_, row : row + rng.integers(2, 9), column : column + rng.integers(2, 9)] = rng.integers(1, 3)
    images = stored(tmp_path, "LSP")
    for name in ("stir", "t1w"):
        object.__setattr__(images[name], "volume", rng.normal(300, 60, shape))
    object.__setattr__(images["preliminary"], "volume", labels)
    context = browser.new_context(viewport={"width": 1600, "height": 900})
    url = make_page(tmp_path, images)
    start = time.perf_counter()
    reader = Reader(context, url)
    assert time.perf_counter() - start < 5
    slice_, row, column = np.argwhere(labels)[200]
    reader.at(int(slice_), int(row), int(column))
    voxel = int(np.ravel_multi_index((slice_, row, column), shape))
    times = reader.page.evaluate(
        "voxel => [...Array(9)].map(() => { const t = performance.now(); press(voxel, false); return performance.now() - t; })",
        voxel,
    )
    assert reader.steps() == 9
    assert np.median(times) < 50, times
    context.close()


def test_lesions_of_the_page_are_those_of_the_workflow(reader):
    assert reader.page.evaluate("PACK.lesions") == number_lesions(phantom()).tolist()


def test_a_click_takes_the_nearest_region_within_six_pixels(reader):
    _, y = reader.at(2, 33, 6)  # in a region of columns 5 to 8
    left = reader.page.evaluate("view.onScreen(33, 4.5)")[0]  # its border
    reader.page.mouse.click(left - 9, y)
    assert reader.steps() == 0
    assert "no region within 6 pixels" in reader.page.inner_text("#hint")
    reader.page.mouse.click(left - 4, y)
    np.testing.assert_array_equal(kept(reader), without(4))


def test_nothing_marked_is_asked_and_a_lesion_is_kept_in_3d(reader):
    reader.press("r")
    assert "Nothing is marked to keep on this slice. Remove all 4 regions?" in reader.page.inner_text("#question")
    reader.press("Escape")
    reader.until("!document.getElementById('ask').open")
    assert reader.steps() == 0
    reader.press("k")
    reader.click(1, 5, 6, shift=True)  # the lesion on slices 2 and 3
    assert reader.page.evaluate("[...marks]") == [1, 2]
    reader.page.reload()
    reader.wait()
    assert reader.page.evaluate("[...marks]") == [1, 2]  # not lost with the page
    reader.press("1", "Home", "PageDown", "PageDown", "Shift+R")
    assert "1 slices with regions have not been shown: 5" in reader.page.inner_text("#question")
    reader.press("1")
    reader.until("view.slice === 4")
    reader.press("Shift+R")  # all slices with regions have been shown
    np.testing.assert_array_equal(kept(reader), without(3, 4, 5, 6))
    (step,) = reader.record()["steps"]
    assert (step["tool"], step["reason"], step["regions"]) == ("rest", "vessel", [3, 4, 5, 6])
    reader.press("Control+z", "s", "d")  # Whole 3D lesion: a click without Shift
    reader.click(2, 7, 10)
    np.testing.assert_array_equal(kept(reader), without(1, 2))
    reader.click(2, 7, 10)
    np.testing.assert_array_equal(kept(reader), phantom())


def test_a_region_joined_by_one_pixel_is_split(reader):
    reader.press("x", "3")
    reader.click(2, 25, 28)  # the lower part of the region joined by a corner
    expected = phantom()
    expected[2, 24:26, 26:30] = 0
    np.testing.assert_array_equal(kept(reader), expected)
    reader.press("Control+z")
    reader.click(2, 33, 6)  # a block
    assert reader.steps() == 2
    assert "No part hangs by one pixel" in reader.page.inner_text("#hint")
