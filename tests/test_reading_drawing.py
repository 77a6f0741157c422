"""The pages of normal marrow and disease region: tools, live limits, and what the server makes of a record."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from page_driver import Reader
from phantom_page import PACK, ROOT, SETTINGS, SHAPE, STORED, drawing_record, make_page, stored
from small_study import SmallStudy
from vhi.cleaning.records import voxels_of
from vhi.inflammation import drop_small_regions, threshold
from vhi.io.errors import InputError
from vhi.io.images import read_mask
from vhi.marrow.limits import LimitRule, find_limits
from vhi.reading_room import makers
from vhi.reading_room.drawings import Drawings
from vhi.reading_room.intake import parse_record
from vhi.reading_room.made import read_made, write_made
from vhi.reading_room.makers import Drawn
from vhi.reading_room.store import ConflictError
from vhi.study.load import load_study
from vhi.study.plan import Plan
from vhi.study.records import take_drawings
from vhi.study.rows import Row, read_schema

SCHEMA = read_schema(ROOT, "drawing")


def images_of(folder, axes="LSP"):
    """The phantom with a noisy STIR, a region, its probability and a proposed patch, on one grid."""
    images = stored(folder, axes)
    noise = np.random.default_rng(5).normal(0, 9, SHAPE).round(3)
    region = np.zeros(SHAPE, np.uint8)
    region[:, 4:36, 4:44] = 1
    patch = np.zeros(SHAPE, np.uint8)
    patch[2:4, 12:18, 30:40] = 1
    like = images["preliminary"]
    images["stir"] = replace(images["stir"], volume=images["stir"].volume + noise)
    return images | {
        "region": replace(like, volume=region),
        "probability": replace(
            like, volume=(100 * ndimage.gaussian_filter(region.astype(float), (0, 1, 1))).astype(np.uint8)
        ),
        "proposal": replace(like, volume=patch),
    }


@pytest.fixture
def opened(browser, tmp_path):
    """Open the page of a task."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    readers = []

    def opening(task, axes="LSP", **options):
        images = images_of(tmp_path, axes)
        if task == "region":
            images.pop("proposal")
        readers.append(Reader(context, make_page(tmp_path, images, task, **options)))
        return readers[-1], images

    yield opening
    assert not [error for reader in readers for error in reader.errors]
    context.close()


def mask_of(reader):
    """The mask of a page's record, through the check of its form."""
    record = parse_record(json.dumps(reader.record()).encode(), SCHEMA)
    mask = np.zeros(int(np.prod(SHAPE)), np.uint8)
    mask[voxels_of(record["mask"], mask.size)] = 1
    assert record["result"]["voxels"] == mask.sum()
    return mask.reshape(SHAPE)


def test_live_limits_equal_those_of_the_workflow(opened):
    reader, images = opened("marrow")
    random, cases = np.random.default_rng(1), []
    for number in range(300):
        size = int(random.integers(4, 400))
        values = random.gamma(9, 40, size) if number % 2 else random.integers(80, 140, size).astype(float)
        rule = {
            "rule": ["paper", "patch_tail"][number // 150],
            "n_start": 1.5,
            "n_step": [0.05, 0.1][number % 2],
            "iqr_share": 0.5,
        }
        cases.append((values, rule))
    cases += [(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 20]), SETTINGS["rule"]), (np.full(9, 7.0), SETTINGS["rule"])]
    all_found = reader.page.evaluate(
        """cases => cases.map(([values, rule]) => {
            try { return findLimits(Float64Array.from(values).sort(), rule); } catch { return null; }
        })""",
        [[values.tolist(), rule] for values, rule in cases],
    )
    for (values, rule), found in zip(cases, all_found, strict=True):
        try:
            limits = find_limits(values, LimitRule(**rule))
            assert found == {key: getattr(limits, key) for key in found}  # to the last digit
            assert len(found) == 7
        except InputError:
            assert found is None
    reader.press("t")
    reader.until("found.limits !== null")
    patch, stir, region = (images[name].volume for name in ("proposal", "stir", "region"))
    limits = find_limits(stir[patch > 0])
    assert reader.page.evaluate("[found.limits.lower, found.limits.upper]") == [limits.lower, limits.upper]
    labels = drop_small_regions(threshold(stir, region > 0, limits.lower, limits.upper))
    assert reader.page.evaluate("[...found.labels]") == labels.ravel().tolist()
    told = reader.page.inner_text("#counts")
    assert f"{np.count_nonzero(labels)} voxels" in told
    assert "120 voxels, 0.60 ml, 2 slices" in told


def test_the_page_warns_of_what_makes_limits_unsure(opened):
    reader, _ = opened("marrow")
    assert reader.page.evaluate("PACK.few") == 100
    reader.press("p")
    reader.drag(2, [(18, 22), (18, 28), (25, 29), (25, 22)])  # with a lesion in it
    reader.until("found.limits !== null")
    assert "Only" in reader.page.inner_text("#warnings")
    bright = np.zeros(SHAPE, np.uint8)
    bright[2, 12:20, 8:20] = 1
    bright[2, 33, 6] = 1  # one voxel of a lesion in a patch of normal marrow
    reader.page.evaluate(
        "runs => { step('clear', { removed: reading.voxels() }); step('polygon', { added: runs }); }",
        np.flatnonzero(bright).tolist(),
    )
    reader.until("found.values.length === 97 && found.limits !== null")
    told = reader.page.inner_text("#warnings")
    assert "1 voxels are far brighter than the rest" in told
    assert "One voxel decides" in told
    reader.press("f")
    reader.press("Escape")
    reader.page.evaluate("step('clear', { removed: reading.voxels() })")
    reader.press("f")
    assert "Not finished: the patch is empty." in reader.page.inner_text("#hint")
    assert reader.record()["finished"] is None


@pytest.mark.parametrize("axes", STORED)
def test_each_tool_draws_exactly_the_expected_voxels(opened, axes):
    reader, images = opened("region", axes)
    expected = images["region"].volume.copy()
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("x")
    reader.drag(2, [(9.5, 9.5), (9.5, 19.5), (19.5, 19.5), (19.5, 9.5)])
    expected[2, 10:20, 10:20] = 0
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("p")
    reader.drag(2, [(11.5, 11.5), (11.5, 15.5), (15.5, 15.5), (15.5, 11.5)])  # an island in the hole
    expected[2, 12:16, 12:16] = 1
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("k")
    reader.click(2, 13, 13)
    expected[2, 12:16, 12:16] = 0
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("d")
    reader.page.evaluate("radius = 2.2")
    reader.click(2, 13, 13)  # a touch of the brush: within 2.2 columns' widths of the pointer; rows are 1.25 as high
    rows, columns = np.ogrid[: SHAPE[1], : SHAPE[2]]
    expected[2][np.hypot((rows - 13) * 1.25, columns - 13) <= 2.2] = 1
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("e")
    reader.drag(2, [(13, 12.5), (13, 15)])
    expected[2, 10:17, 10:20] = 0
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("n")  # to the next slice: added to what is there
    assert reader.page.evaluate("view.slice") == 3
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("Shift+Delete")
    expected[3] = 0
    np.testing.assert_array_equal(mask_of(reader), expected)
    reader.press("g")
    edt, between = ndimage.distance_transform_edt, expected[[2, 4]] > 0
    signed = [edt(~mask, (1.25, 1)) - edt(mask, (1.25, 1)) for mask in between]
    expected[3] = 0.5 * signed[0] + 0.5 * signed[1] < 0
    np.testing.assert_array_equal(mask_of(reader), expected)
    before = reader.record()
    assert [step["tool"] for step in before["steps"]] == [
        "cutter",
        "polygon",
        "part",
        "brush",
        "eraser",
        "clear",
        "interpolate",
    ]
    reader.saved()
    reader.page.reload()
    reader.wait()
    np.testing.assert_array_equal(mask_of(reader), expected)
    for _ in before["steps"]:
        reader.press("Control+z")
    np.testing.assert_array_equal(mask_of(reader), images["region"].volume)
    reader.press("Control+y")
    assert mask_of(reader).sum() == images["region"].volume.sum() - 100


def test_islands_go_in_3d_and_keys_alone_draw(opened):
    reader, _ = opened("marrow", settings=SETTINGS | {"rule": SETTINGS["rule"] | {"rule": "patch_tail"}})
    reader.press("Home", "p", "c", "Space")
    for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        reader.press(*[arrow] * 9, "Space")
    reader.press("Enter")
    expected = np.zeros(SHAPE, np.uint8)
    expected[0, 20:29, 24:33] = 1
    found = mask_of(reader)
    assert abs(int(found.sum()) - 100) <= 19  # corners in the middle of voxels
    reader.press("d", "q", "q", "q", "q", "q", *["ArrowUp"] * 12, "Space", "j")
    np.testing.assert_array_equal(mask_of(reader), found)
    assert all(step["keyboard"] for step in reader.record()["steps"])
    reader.press("Escape", "f")
    record = reader.record()
    assert record["finished"]
    assert record["rating"] is None


def test_a_region_is_finished_only_with_a_rating(opened):
    reader, _ = opened("region")
    reader.press("f")
    assert "rate the region first" in reader.page.inner_text("#hint")
    reader.press("3")
    assert reader.record()["rating"] == "failed"
    reader.press("2")
    for _ in range(5):
        reader.press("PageUp")
    reader.press("End", "PageUp", "PageUp")
    record = parse_record(reader.download(lambda: reader.press("f")), SCHEMA)
    assert (record["rating"], record["task"]) == ("minor", "region")
    assert record["result"]["added_voxels"] == record["result"]["removed_voxels"] == 0
    classes = reader.page.evaluate("[...new Set(page.paint(2).classes)].sort()")
    assert classes == [0, 1, 2]  # with voxels of which the networks are unsure


# What the server keeps


@pytest.fixture
def store(tmp_path):
    images_of(tmp_path, "PLI")

    def of(task, named=""):
        drawn = {"07": Drawn("s1", str(tmp_path / "stir.nii.gz"), named)}
        return Drawings(tmp_path / "records" / task, {"07": PACK}, SCHEMA, drawn).by("R2")

    return of


def patch(*columns):
    mask = np.zeros(SHAPE, np.uint8)
    mask[2, 10:14, columns] = 1
    return mask


def put(store, record, seen="none"):
    return store.write("07", json.dumps(record).encode(), seen)


def test_a_finished_record_becomes_a_mask_on_the_scans_grid(store, tmp_path):
    marrow, records = store("marrow", "a.nii.gz"), tmp_path / "records"
    draft = drawing_record(patch(5, 6), finished=False)
    seen = put(marrow, draft)
    assert read_made(records, "marrow") == []
    seen = put(marrow, drawing_record(patch(5, 6)), seen)
    path = records / "marrow" / "s1.nii.gz"
    np.testing.assert_array_equal(read_mask(path).volume, patch(5, 6))
    (row,) = read_made(records, "marrow")
    assert row == {
        "scan": "s1", "mask": "s1.nii.gz", "reader": "R2", "made": "2026-01-01T10:09:00Z", "named": "a.nii.gz", "rating": "",
        "note": "seen twice",
    }  # fmt: skip
    written = path.stat().st_mtime_ns
    seen = put(marrow, drawing_record(patch(5, 6), finished=False, notes="more"), seen)
    assert read_made(records, "marrow") == []  # open again: not used
    seen = put(marrow, drawing_record(patch(5, 6), notes="more"), seen)
    assert path.stat().st_mtime_ns == written  # the same mask: nothing is made again
    with pytest.raises(ConflictError):
        put(marrow, drawing_record(patch(7)), "none")
    assert len(read_made(records, "marrow")) == 1  # still that of the record which stands
    seen = put(marrow, drawing_record(patch(7)), seen)
    np.testing.assert_array_equal(read_mask(path).volume, patch(7))


def test_a_kill_between_record_and_mask_is_mended_at_the_next_start(store, tmp_path, monkeypatch):
    marrow = store("marrow")
    seen = put(marrow, drawing_record(patch(5, 6)))

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(makers, "write_labels", killed)
        with pytest.raises(KeyboardInterrupt):
            put(marrow, drawing_record(patch(8)), seen)
    assert read_made(tmp_path / "records", "marrow") == []  # no row of the former mask beside the new record
    marrow._lock.close()
    store("marrow")
    assert len(read_made(tmp_path / "records", "marrow")) == 1
    np.testing.assert_array_equal(read_mask(tmp_path / "records" / "marrow" / "s1.nii.gz").volume, patch(8))


def test_masks_that_are_none_are_refused(store):
    marrow = store("marrow")
    for record in (
        drawing_record(patch(5), mask=[[10**9, 1]]),
        drawing_record(patch(5), mask=[[5, 2], [6, 1]]),
        drawing_record(patch(5), mask=[[5, 2]]),  # another number of voxels
        drawing_record(patch()),
        drawing_record(patch(5)) | {"notes": "altered"},
        drawing_record(patch(5), pack="f" * 32),
        drawing_record(patch(5), rating="good"),
    ):
        with pytest.raises(InputError):
            put(marrow, record)
    assert not list(marrow.folder.glob("*.nii.gz"))


def tables_with(records, **cells):
    """Tables of a study with one scan, after the pages' masks were taken."""
    schemas = {name: read_schema(ROOT, name) for name in ("scans", "region_review")}
    given = {"scan": "s1", "subject": "A", "session": "pre", "repeat": 1, "t1w": "t1w.nii.gz", "role": "apply", **cells}
    row = Row(schemas["scans"], given)
    row.named = dict(row)
    tables = {"scans": [row], "region_review": []}
    take_drawings(tables, {"reading_room": {"records": str(records)}}, schemas["region_review"])
    return tables


def test_the_next_run_takes_what_pages_made_and_later_rows_of_the_table_win(store, tmp_path):
    records = tmp_path / "records"
    assert tables_with(records)["scans"][0]["normal_marrow"] is None
    put(store("marrow"), drawing_record(patch(5, 6)))
    path = str(records / "marrow" / "s1.nii.gz")
    assert tables_with(records)["scans"][0]["normal_marrow"] == path
    (row,) = tables_with(records, normal_marrow="later.nii.gz")["scans"]
    assert row["normal_marrow"] == "later.nii.gz"
    (text,) = row.passed_over
    assert text == f"scan s1: scans.tsv names later.nii.gz in normal_marrow; {path} was made before, and is not used"
    region = store("region", "old.nii.gz")
    begin = patch(5)
    seen = put(region, drawing_record(begin, begin, task="region", rating="satisfactory"))
    tables = tables_with(records, disease_region_corrected="old.nii.gz")
    assert tables["scans"][0]["disease_region_corrected"] == "old.nii.gz"  # rated, not corrected
    assert tables["region_review"] == [{"scan": "s1", "rating": "satisfactory", "note": "seen twice"}]
    put(region, drawing_record(patch(5, 6), begin, task="region", rating="failed"), seen)
    tables = tables_with(records, disease_region_corrected="old.nii.gz")
    assert tables["scans"][0]["disease_region_corrected"] == str(records / "region" / "s1.nii.gz")
    assert tables["region_review"][0]["rating"] == "failed"
    (records / "marrow" / "s1.nii.gz").unlink()
    with pytest.raises(InputError, match="expected the mask that a page made, found no such file"):
        tables_with(records)


def test_a_study_with_masks_of_pages_is_planned_with_them(tmp_path):
    study = SmallStudy(tmp_path / "small", ensemble=True)
    study.scans[1][5:7] = [None, None]  # a2: neither marrow nor region drawn
    study.write()
    plan = Plan(load_study(ROOT, str(study.folder)), ROOT)
    assert (plan.marrow_scans, plan.region_scans) == (["a2"], ["a2"])
    assert plan.chosen_region("a2")[0] == "ensemble"
    assert "a2" not in plan.measurable
    records = study.folder / "records"
    for task in ("marrow", "region"):
        rating = "minor" if task == "region" else ""
        row = {
            "scan": "a2",
            "mask": "a2.nii.gz",
            "reader": "R1",
            "made": "2026-01-01",
            "named": "",
            "rating": rating,
            "note": "",
        }
        (records / task).mkdir(parents=True)
        (records / task / "a2.nii.gz").write_bytes(b"")
        write_made(records, task, [row])
    plan = Plan(load_study(ROOT, str(study.folder)), ROOT)
    assert (plan.marrow_scans, plan.region_scans) == (["a2"], ["a2"])  # the pages stay open to changes
    assert plan.chosen_region("a2") == ("corrected", str(records / "region" / "a2.nii.gz"))
    assert plan.mask_of_limits("a2") == str(records / "marrow" / "a2.nii.gz")
    assert "a2" in plan.measurable
    assert plan.chosen_region("a1")[0] == "manual"
    assert plan.reviews == [str(records / "region" / "made.tsv")]
    assert plan.study.tables["region_review"][0]["rating"] == "minor"
    (records / "marrow" / "a2.json").write_text("{}")
    write_made(records, "marrow", [])
    (records / "scoring" / "R2").mkdir(parents=True)
    pages = Plan(load_study(ROOT, str(study.folder)), ROOT).pages_done
    assert [(row["task"], row["reader"], row["scan"], row["state"], row["what"]) for row in pages] == [
        ("marrow", None, "a2", "begun", None),
        ("region", "R1", "a2", "done", "minor"),
        ("scoring", "R2", "a1", "open", None),
        ("scoring", "R2", "a2", "open", None),
    ]
    asked = Plan(load_study(ROOT, str(study.folder)), ROOT, {"task": "drawing"})
    with pytest.raises(InputError, match="unknown task 'drawing'; tasks: marrow, region, cleaning, scoring, agreeing"):
        _ = asked.targets_of_read
