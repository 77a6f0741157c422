"""The reading room in the workflow: packs, their blinding, what comes back, and the books of it."""

import base64
import copy
import csv
import gzip
import json
import re
import zlib

import nibabel as nib
import nrrd
import numpy as np
import pandas as pd
import pytest

from phantom_page import ROOT, TEMPLATE, consensus_record
from recorded import record_of_steps
from small_study import SmallStudy, save
from vhi.cleaning.audit import by_reason, differences
from vhi.cleaning.records import sealed
from vhi.inflammation import label_regions
from vhi.io.errors import InputError
from vhi.io.images import read_mask, read_scan
from vhi.reading_room import agreeing
from vhi.reading_room.agreements import Agreements
from vhi.reading_room.blinding import extended_key, sparcc_order, unblinded
from vhi.reading_room.keys import key_file
from vhi.reading_room.makers import Drawn
from vhi.reading_room.packs import region_content, shown_on
from vhi.reading_room.pages import page, page_files
from vhi.study.records import find_records
from vhi.study.rows import read_schema

SENTINELS = {
    "scan": "SENTINELSCAN7f3a", "subject": "SENTINELSUBJECT91bc", "session": "SENTINELSESSION55d0",
    "time": "SENTINELTIME20190317", "path": "SENTINELPATHc0ffee", "reader": "SENTINELREADER42ab",
}  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory, snakemake):
    """A small study of one scan and two readers that carries the sentinels, and its packs."""
    folder = tmp_path_factory.mktemp("room") / SENTINELS["path"]
    folder.mkdir()
    study = SmallStudy(folder / "small")
    for path in sorted(study.data.glob("a1_*")):
        name = path.name.replace("a1_", f"{SENTINELS['scan']}_{SENTINELS['session']}_")
        image = nib.load(path)
        text = f"{SENTINELS['subject']};{SENTINELS['time']}"
        save(study.data / name, np.asanyarray(image.dataobj), image.affine, description=text.encode())
    files = [
        f"{SENTINELS['scan']}_{SENTINELS['session']}_{part}.nii.gz" for part in ("T1W", "STIR", "marrow", "region")
    ]
    study.scans = [[SENTINELS["scan"], SENTINELS["subject"], "pre", *files, None, "train"]]
    readers = [SENTINELS["reader"], "R2"]
    study.readings = [[SENTINELS["scan"], reader, 1, "semiautomatic", None, None] for reader in readers]
    study.config["readers"] = readers
    study.write()
    pages = [f"results/small/6b_reading_room/{name}/reading_list.tsv" for name in ("marrow", "scoring/R2")]
    snakemake(folder, "packs", *pages, study=study.folder, task="marrow", check=True)
    study.root, study.results = folder, folder / "results" / "small"
    return study


def payloads(content):
    """All bytes that a file holds in any wrapping: as they are, unzipped, and decoded from base64, over and over."""
    waiting, seen = [content], 0
    while waiting:
        one = waiting.pop()
        seen += 1
        assert seen < 1000
        yield one
        for start in re.finditer(rb"\x1f\x8b\x08", one):  # gzip, also within an NRRD
            try:
                waiting.append(zlib.decompressobj(31).decompress(one[start.start() :]))
            except zlib.error:
                continue
        for text in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", one):
            try:
                waiting.append(base64.b64decode(text, validate=True))
            except ValueError:
                continue


def leaks(content):
    """Sentinels found in a file, in UTF-8 or UTF-16, whatever the case."""
    found = set()
    for one in payloads(content):
        low = one.lower()
        for value in SENTINELS.values():
            forms = (value.lower().encode(), value.lower().encode("utf-16-le"))
            found |= {value for form in forms if form in low}
    return found


def test_the_leak_test_finds_what_is_hidden():
    value = SENTINELS["scan"].encode()
    hidden = b"x" * 60 + base64.b64encode(gzip.compress(base64.b64encode(gzip.compress(b"0" * 99 + value)) * 2)) + b"\n"
    assert leaks(hidden) == {SENTINELS["scan"]}
    assert leaks(SENTINELS["time"].encode("utf-16-le")) == {SENTINELS["time"]}


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory, snakemake):
    """A small study with packs of R1, in which R1 has put a mask and filled in the sheet; no mistake may change them."""
    folder = tmp_path_factory.mktemp("mistaken")
    study = SmallStudy(folder / "small")
    study.readings = [["a1", reader, 1, "semiautomatic", None, None] for reader in ("R1", "R2")]
    study.write()
    snakemake(folder, "packs", study=study.folder, reader="R1", check=True)
    study.root = folder
    study.pack = folder / "results" / "small" / "6b_reading_room" / "packs" / "R1"
    (study.pack / "nifti" / "mine.nii.gz").write_bytes(b"a morning's work")
    (study.pack / "sparcc_sheet.tsv").write_text("filled in")
    return study


def under(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mistake", ["no data folder", "no files", "rows commented out", "no marrow", "broken scan"])
def test_what_a_reader_has_is_never_lost_to_a_mistake(mistaken, tmp_path, snakemake, mistake):
    study, target = copy.deepcopy(mistaken), "results/small/6b_reading_room/packs/R1/reading_list.tsv"
    before, records = under(study.pack), under(study.folder / "records")
    (tmp_path / "empty").mkdir()
    wrong = {"data": {"no data folder": "nowhere", "no files": tmp_path / "empty"}.get(mistake, study.data)}
    study.config["absent_files"] = "report"
    words = "found none; add a row per scan (or remove the # in front of it)"
    path = study.data / "a1_T1W.nii.gz"
    whole = path.read_bytes()
    if mistake == "no data folder":
        words = "the data folder 'nowhere' of study small does not exist: pass data=DIR"
    elif mistake == "rows commented out":
        study.readings = []
    elif mistake == "no marrow":
        for row in study.scans:
            row[5] = None
    elif mistake == "broken scan":
        path.write_bytes(whole[:-400])
        words = "a1_T1W.nii.gz: cannot be read as NIfTI"
    study.write()
    for asked in ("packs", target) if mistake == "no files" else ("read",):  # what make read starts with
        done = snakemake(study.root, asked, study=study.folder, reader="R1", task="cleaning", **wrong)
        told = done.stdout + done.stderr
        assert done.returncode
        assert words in told, told[-3000:]
        assert "Traceback" not in told
        assert under(study.pack) == before
        assert under(study.folder / "records") == records
    assert not list((study.root / ".snakemake").glob("locks/*"))
    path.write_bytes(whole)
    mistaken.write()


def test_new_packs_leave_the_former_ones_whole(mistaken, snakemake):
    before = under(mistaken.pack)
    done = snakemake(mistaken.root, "packs", "-R", "reading_packs", study=mistaken.folder, reader="R1", check=True)
    former = mistaken.root / "results" / "small" / "former_packs" / "R1-1"
    told = done.stdout + done.stderr
    assert f"what it held is kept in {former.relative_to(mistaken.root)}" in told
    assert "Give each reader their own folder, or serve it: make read STUDY=" in told  # the step that follows
    assert "make report" not in told
    assert under(former) == before
    fresh = under(mistaken.pack)
    assert len(fresh) == len(before) - 1
    (mistaken.pack / "nifti" / "mine.nii.gz").write_bytes(b"more")
    snakemake(mistaken.root, "packs", "-R", "reading_packs", study=mistaken.folder, reader="R1", check=True)
    assert under(mistaken.pack).items() >= fresh.items()  # the same packs: what lies beside them stays there
    assert len(under(mistaken.pack)) == len(fresh) + 1
    assert [path.name for path in former.parent.iterdir()] == ["R1-1"]


def test_an_unknown_reader_is_told_the_known_ones(mistaken, snakemake):
    done = snakemake(mistaken.root, "packs", study=mistaken.folder, reader="R9")
    assert done.returncode
    assert "ERROR: unknown reader 'R9'; readers of study small: R1, R2" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_no_payload_of_a_pack_tells_what_it_shows(room):
    files = [path for path in (room.results / "6b_reading_room" / "packs").rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".html"]) == 2
    assert len([path for path in files if path.name.endswith((".nii.gz", ".nrrd"))]) == 8
    for path in files:
        assert not leaks(path.read_bytes()), path
        assert not leaks(path.relative_to(room.results / "6b_reading_room" / "packs").parts[-1].encode())
    for path in (room.folder / "records").rglob("*.nii.gz"):
        leaks(path.read_bytes())  # the key may tell; that it can be read is enough
    (key,) = list(csv.DictReader((room.folder / "records" / "_key" / "R2.tsv").open(), delimiter="\t"))
    for path in files:
        for one in payloads(path.read_bytes()):
            assert key["preliminary"].encode() not in one
            assert key["preliminary"][:16].encode() not in one


def test_pages_of_other_tasks_do_not_tell_what_they_show(room):
    folder, named = room.results / "6b_reading_room" / "marrow", f"{SENTINELS['scan']}_{SENTINELS['session']}"
    (row,) = list(csv.DictReader((room.folder / "records" / "_key" / "marrow.tsv").open(), delimiter="\t"))
    assert row["scan"] == SENTINELS["scan"]
    t1w, stir = (read_scan(room.data / f"{named}_{part}.nii.gz") for part in ("T1W", "STIR"))
    region = read_mask(room.data / f"{named}_region.nii.gz")
    images = {"T1W": t1w, "STIR": stir, "region": region, "probability": region}
    template = {name: (TEMPLATE / name).read_text() for name in page_files("region")}
    (folder.parent / "region.html").write_text(page(template, region_content(images, row)))
    scored = sorted((folder.parent / "scoring" / "R2").iterdir())
    assert [path.name for path in scored] == ["01.html", "reading_list.tsv"]
    for path in (folder / f"{row['code']}.html", folder / "reading_list.tsv", folder.parent / "region.html", *scored):
        content = path.read_bytes()
        assert not leaks(content), path
        for one in payloads(content):
            assert row["preliminary"][:16].encode() not in one
    assert {path.name for path in folder.iterdir()} == {"01.html", "reading_list.tsv"}


def test_packs_of_two_readers_cannot_be_linked_by_id(room):
    packs = room.results / "6b_reading_room" / "packs"
    ids = [
        set(re.findall(r'"pack":"([0-9a-f]{32})"', (packs / reader / "01.html").read_text()))
        for reader in room.config["readers"]
    ]
    assert len(ids[0]) == len(ids[1]) == 1
    assert ids[0] != ids[1]


def test_packs_for_viewers_hold_the_segmentation_on_one_straight_grid(room):
    folder = room.results / "6b_reading_room" / "packs" / "R2" / "nifti"
    truth = read_mask(room.results / "5_small_regions" / f"{SENTINELS['scan']}.nii.gz", (0, 1, 2))
    found = read_mask(folder / "01_preliminary.nii.gz", (0, 1, 2))
    np.testing.assert_array_equal(found.volume, truth.volume)
    stir = nib.load(folder / "01_STIR.nii.gz")
    assert np.count_nonzero(stir.affine[:3, :3]) == 3  # no tilt
    labels, header = nrrd.read(str(folder / "01_preliminary.seg.nrrd"))
    image = nib.load(folder / "01_preliminary.nii.gz")
    np.testing.assert_array_equal(labels, np.asanyarray(image.dataobj))
    ras = np.diag([-1, -1, 1]) @ np.array(header["space directions"]).T
    np.testing.assert_allclose(ras, image.affine[:3, :3])
    np.testing.assert_allclose(np.diag([-1, -1, 1]) @ header["space origin"], image.affine[:3, 3])
    assert header["Segment1_Name"] == "upper limit"
    assert '"removed: joint space"' in (folder / "labels.txt").read_text()


def hand_in(room, reader, **change):
    """A finished record of a reader who removed the first region."""
    (key,) = list(csv.DictReader((room.folder / "records" / "_key" / f"{reader}.tsv").open(), delimiter="\t"))[-1:]
    preliminary = read_mask(room.results / "5_small_regions" / f"{SENTINELS['scan']}.nii.gz", (0, 1, 2)).volume
    step = {"tool": "click", "keyboard": False, "ms": 900, "slice": 2, "reason": "vessel", "regions": [1], "runs": []}
    record, labels = record_of_steps([step], preliminary)
    record = sealed(record | {"pack": key["pack"]} | change)
    path = room.folder / "records" / reader / f"{key['code']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record))
    return labels, path


def test_v_hi_follows_what_readers_hand_in(room, snakemake):
    first, second = room.config["readers"]
    labels, _ = hand_in(room, first)
    pack = room.results / "6b_reading_room" / "packs" / second / "nifti" / "01_preliminary.nii.gz"
    image = nib.load(pack)
    painted = np.asanyarray(image.dataobj).astype(np.float32)
    presented = read_mask(pack, (0, 1, 2))
    regions, count = label_regions(presented.volume)
    assert count > 1
    painted[painted > 0] = np.where(painted[painted > 0] == 2, 2, 1)
    from vhi.io.orientation import restore

    painted[restore(regions, presented.order) == count] = 4  # artefact
    reoriented = nib.as_closest_canonical(nib.Nifti1Image(painted, image.affine + 1e-5))  # as viewers save it
    (room.folder / "records" / second).mkdir(exist_ok=True)
    nib.save(reoriented, room.folder / "records" / second / "01_cleaned.nii.gz")
    targets = [f"results/small/{name}" for name in (
        "6_cleaning/measurements.tsv", "6b_reading_room/audit.tsv", "6b_reading_room/status.tsv",
        "6b_reading_room/figure_disagreements.png",
    )]  # fmt: skip
    snakemake(room.root, *targets, study=room.folder, check=True)
    measured = pd.read_csv(room.results / "6_cleaning" / "measurements.tsv", sep="\t").set_index("reader")["vhi_voxels"]
    assert measured[first] == np.count_nonzero(labels)
    assert measured[second] == np.count_nonzero((presented.volume > 0) & (regions != count))
    audit = pd.read_csv(room.results / "6b_reading_room" / "audit.tsv", sep="\t").set_index("reader")
    assert audit.loc[first, ["source", "vessel_regions", "click_steps"]].tolist() == ["page", 1, 1]
    assert audit.loc[second, ["source", "artefact_regions"]].tolist() == ["mask", 1]
    status = pd.read_csv(room.results / "6b_reading_room" / "status.tsv", sep="\t")
    assert set(status["task"]) == {"cleaning"}
    status = status.set_index("reader")["state"]
    assert status.to_dict() == {first: "done", second: "done"}
    reasons = pd.read_csv(room.results / "6b_reading_room" / "disagreements_by_reason.tsv", sep="\t")
    assert set(reasons["reason"]) == {"vessel", "artefact"}
    differing = pd.read_csv(room.results / "6b_reading_room" / "disagreements.tsv", sep="\t")
    for row in differing.itertuples():  # people count slices from 1
        assert (regions[row.slice - 1] == row.region).any()
    keys = {key_file(room.folder / "records", reader): None for reader in (first, second)}
    for path in keys:  # packs of another variant: what was handed in is not taken in again
        keys[path] = path.read_text()
        _, *same, _ = keys[path].splitlines()[-1].split("\t")
        path.write_text(keys[path] + "\t".join(["e" * 32, *same, "0" * 64]) + "\n")
    done = snakemake(room.root, "-n", targets[0], study=room.folder, check=True)
    assert "Nothing to be done" in done.stdout + done.stderr
    for path, text in keys.items():
        path.write_text(text)


def test_a_consensus_is_agreed_on_blindly_and_stale_once_a_reader_changes(room, snakemake):
    first, second = room.config["readers"]
    step = {"tool": "click", "keyboard": False, "ms": 0, "slice": 2, "reason": "vessel", "regions": [1], "runs": []}
    preliminary = read_mask(room.results / "5_small_regions" / f"{SENTINELS['scan']}.nii.gz", (0, 1, 2)).volume
    for place, reader in enumerate((first, second)):
        for path in (room.folder / "records" / reader).glob("*"):
            path.unlink()
        record, _ = record_of_steps([step] if place else [step | {"regions": [2]}], preliminary)
        hand_in(room, reader, **{key: record[key] for key in ("steps", "removed", "cuts", "result")})
    snakemake(room.root, "read", study=room.folder, task="agreeing", check=True)
    folder = room.results / "6b_reading_room" / "agreeing"
    (key,) = list(csv.DictReader((folder.parent / "key" / "agreeing.tsv").open(), delimiter="\t"))
    for path in sorted(folder.iterdir()):
        assert not leaks(path.read_bytes()), path
        assert all(key["preliminary"][:16].encode() not in one for one in payloads(path.read_bytes()))
    masks = [
        read_mask(room.results / "6_cleaning" / reader / "1" / f"{SENTINELS['scan']}.nii.gz", (0, 1, 2)).volume
        for reader in (first, second)
    ]
    records = room.folder / "records" / "consensus"
    drawn = {key["code"]: Drawn(key["scan"], str(room.data / room.scans[0][4]), key["preliminary"])}
    store = Agreements(records, {key["code"]: key["pack"]}, read_schema(ROOT, "consensus"), drawn).by(first)
    numbers = agreeing.differences(agreeing.compared(*masks))[0]
    decisions = [{"difference": n, "keep": n == 1, "reason": None} for n in range(1, int(numbers.max()) + 1)]
    voxels = np.count_nonzero(np.minimum(*masks)) + np.count_nonzero(numbers == 1)
    result = {"kept": 1, "removed": len(decisions) - 1, "open": 0, "voxels": int(voxels)}
    about = {"pack": key["pack"], "grid": list(numbers.shape), "differences": len(decisions), "decisions": decisions}
    store.write(key["code"], json.dumps(consensus_record([], **about, result=result)).encode(), "none")
    store._lock.close()
    target = "results/small/6_cleaning/consensus.tsv"
    snakemake(room.root, target, study=room.folder, check=True)
    found = pd.read_csv(room.root / target, sep="\t")
    assert found[["reader", "vhi_voxels", "source"]].to_numpy().tolist() == [
        ["consensus", voxels, f"{first} and {second}"]
    ]
    measured = pd.read_csv(room.results / "6_cleaning" / "measurements.tsv", sep="\t")
    assert set(measured["reader"]) == {first, second}
    hand_in(room, first)  # the first reader changes
    record, _ = record_of_steps([], preliminary)
    hand_in(room, second, **{key: record[key] for key in ("steps", "removed", "cuts", "result")})
    done = snakemake(room.root, target, study=room.folder)
    assert done.returncode
    assert f"the consensus of scan {SENTINELS['scan']} is stale" in done.stdout + done.stderr


def test_a_record_of_another_study_or_twice_is_refused(room):
    first, records = room.config["readers"][0], room.folder / "records"
    _, path = hand_in(room, first, pack="f" * 32)
    with pytest.raises(InputError, match=f"belongs to no pack of reader {first}"):
        find_records(records, [first])
    _, path = hand_in(room, first)
    (path.parent / "01 (1).json").write_text(path.read_text())
    with pytest.raises(InputError, match=f"reading 01 of reader {first} has already"):
        find_records(records, [first])
    (path.parent / "01 (1).json").unlink()
    path.write_text("{")
    with pytest.raises(InputError, match="expected a cleaning record"):
        find_records(records, [first])
    hand_in(room, first, finished=None)
    assert find_records(records, [first]) == {}
    hand_in(room, first)
    assert find_records(records, [first]) == {(SENTINELS["scan"], first, 1): str(path)}


def test_a_t1w_on_another_grid_is_shown_on_that_of_the_stir(tmp_path):
    array = np.random.default_rng(0).integers(0, 99, (20, 24, 6))
    affine = np.diag([1.0, 1.0, 4.0, 1.0])
    fine = np.kron(array, np.ones((2, 2, 1), int))
    fine_affine = np.diag([0.5, 0.5, 4.0, 1.0])
    fine_affine[:2, 3] = -0.25
    stir = read_scan(save(tmp_path / "stir.nii.gz", array, affine), 2)
    t1w = read_scan(save(tmp_path / "t1w.nii.gz", fine, fine_affine), 2)
    assert shown_on(stir, stir) is stir
    np.testing.assert_allclose(shown_on(t1w, stir).volume, stir.volume, atol=1e-9)


def test_a_changed_segmentation_makes_a_reading_stale(room, snakemake):
    first = room.config["readers"][0]
    hand_in(room, first)
    path = room.results / "5_small_regions" / f"{SENTINELS['scan']}.nii.gz"
    before = path.read_bytes()
    image = nib.load(path)
    labels = np.asanyarray(image.dataobj).copy()
    gone = int((labels == 2).sum())
    labels[labels == 2] = 0
    nib.save(nib.Nifti1Image(labels, image.affine, image.header), path)
    status = "results/small/6b_reading_room/status.tsv"
    rerun = ("--rerun-triggers", "mtime", "--allowed-rules", "reading_status", "--force")
    snakemake(room.root, status, *rerun, study=room.folder, check=True)
    found = pd.read_csv(room.root / status, sep="\t").query("task == 'cleaning'").set_index("reader")
    path.write_bytes(before)
    assert found.loc[first, "state"] == "stale"
    assert f"0 voxels came, {gone} went" in found.loc[first, "what"]


def test_sparcc_sheets_come_back_with_their_scans():
    key = [{"code": "01", "scan": "s7", "reader": "R1"}, {"code": "02", "scan": "s3", "reader": "R1"}]
    scores = {"slice": "4", "side": "left", "q1": "1", "q2": "0", "q3": "0", "q4": "1", "depth": "0", "intensity": "1"}
    sheet = pd.DataFrame(
        [{"scan": "02", "reader": "", **scores}, {"scan": "1", "reader": "", **scores}, {"scan": "02"}]
    )
    found = unblinded(sheet.fillna(""), key, "R1")
    assert found["scan"].tolist() == ["s3", "s7"]  # the row that nobody filled in is left out
    assert set(found["reader"]) == {"R1"}
    with pytest.raises(InputError, match="row 2: '09' is no code"):
        unblinded(sheet.assign(scan="09").fillna(""), key, "R1")


# The key


def test_a_reading_keeps_its_code_and_a_new_segmentation_gets_a_new_pack():
    wanted = [{"trial": 1, "scan": f"s{n}", "preliminary": f"{n}"} for n in range(30)]
    key = extended_key([], wanted, 5, "R1")
    assert sorted(row["code"] for row in key) == [f"{n:02d}" for n in range(1, 31)]
    assert [row["scan"] for row in key] != [row["scan"] for row in extended_key([], wanted, 5, "R2")]
    assert [row["scan"] for row in key] == [row["scan"] for row in extended_key([], wanted, 5, "R1")]
    assert extended_key(key, wanted, 5, "R1") == key
    changed = [wanted[0] | {"preliminary": "new"}, *wanted[1:], {"trial": 2, "scan": "s3", "preliminary": "3"}]
    longer = extended_key(key, changed, 5, "R1")
    assert longer[:30] == key
    code = {(row["scan"], row["trial"]): row["code"] for row in key}
    assert {row["code"] for row in longer[30:]} == {code["s0", 1], "31"}
    assert len({row["pack"] for row in longer}) == 32
    codes = [row["code"] for row in key]
    assert sorted(sparcc_order(codes, 5, "R1")) == sorted(codes) != sparcc_order(codes, 5, "R1")


def test_repeats_are_a_third_of_the_list_apart_in_no_order():
    wanted = [{"trial": 1, "scan": f"s{n}", "preliminary": "p"} for n in range(30)]
    again = [row | {"trial": 2} for row in wanted[3:9]]
    for reader in ("R1", "R2"):
        key = extended_key([], wanted + again, 5, reader)
        place = {(row["scan"], row["trial"]): int(row["code"]) for row in key}
        assert sorted(place.values()) == list(range(1, 37))
        apart = [place[row["scan"], 2] - place[row["scan"], 1] for row in again]
        assert min(apart) > 12
        assert len(set(apart)) > 1
        assert extended_key(key, wanted + again, 5, reader) == key
    both = extended_key(
        [], wanted + [row | {"trial": 2} for row in wanted], 5, "R1"
    )  # all twice: one trial after the other
    assert [row["trial"] for row in both] == [1] * 30 + [2] * 30


# Disagreements


def test_disagreements_name_the_region_the_reason_and_the_effect():
    preliminary = np.zeros((2, 10, 10), np.uint8)
    preliminary[0, 1:3, 1:5] = 1
    preliminary[0, 6:8, 1:5] = 2
    preliminary[1, 1:4, 1:4] = 1
    step = {"tool": "click", "keyboard": False, "ms": 0, "slice": 0, "regions": [], "runs": []}
    a, a_left = record_of_steps([step | {"reason": "vessel", "regions": [1, 2]}], preliminary)
    b, b_left = record_of_steps(
        [step | {"reason": "level", "regions": [1]}, step | {"tool": "cut", "reason": "other", "runs": [[111, 3]]}],
        preliminary,
    )
    found = differences({"A.1": a, "B.1": b}, {"A.1": a_left, "B.1": b_left}, preliminary, "lower", 2.0)
    assert found[
        ["region", "a_did", "a_reason", "b_did", "b_reason", "difference_voxels", "difference_mm3"]
    ].to_numpy().tolist() == [
        [2, "removed", "vessel", "kept", "", -8, -16.0],
        [3, "kept", "", "cut", "other", 3, 6.0],
    ]
    assert found["difference_voxels"].sum() == np.count_nonzero(a_left) - np.count_nonzero(b_left)
    summed = by_reason(found.assign(scan="s"))
    assert summed[["removed_by", "reason", "voxels"]].to_numpy().tolist() == [["A.1", "vessel", 8], ["B.1", "other", 3]]
