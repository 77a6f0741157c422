"""The reading room's server: who is refused, and that no record is torn or lost."""

import errno
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from page_driver import Reader, chromium
from phantom_page import (
    PACK,
    SCHEMA,
    SHAPE,
    consensus_record,
    drawing_record,
    kept,
    make_page,
    phantom,
    sparcc_record,
    stored,
    two_readers,
    without,
)  # fmt: skip
from recorded import record_of_steps
from vhi.cleaning.records import sealed
from vhi.io.errors import InputError
from vhi.io.images import read_mask, write_labels
from vhi.reading_room import intake, store
from vhi.reading_room.agreements import Agreements
from vhi.reading_room.drawings import Drawings
from vhi.reading_room.intake import LARGEST_RECORD, parse_record
from vhi.reading_room.keys import kept_file
from vhi.reading_room.made import read_made
from vhi.reading_room.makers import Drawn
from vhi.reading_room.scores import Scores
from vhi.reading_room.server import Room, make_app
from vhi.reading_room.store import Store
from vhi.study.rows import read_schema

ROOT = Path(__file__).parents[1]
TOKEN, OTHER = "first-reader-token", "second-reader-token"
KILLS = int(os.environ.get("VHI_KILLS", "3"))  # 50 with: VHI_KILLS=50 pytest tests/test_reading_server.py -k kill


def record_with(number, finished=False):
    """A record of as many steps."""
    step = {"tool": "click", "keyboard": False, "ms": 1, "slice": 1, "regions": [1], "runs": []}
    steps = [step | {"reason": None if n % 2 else "vessel"} for n in range(number)]
    record, _ = record_of_steps(steps, phantom())
    return sealed(record | {"pack": PACK, "finished": record["finished"] if finished else None})


@pytest.fixture
def rooms(tmp_path):
    """Two readers; the first has a page with the code 07."""
    (tmp_path / "packs").mkdir()
    make_page(tmp_path / "packs", stored(tmp_path, "LSP"))
    stores = [Store(tmp_path / "records" / name, {"07": PACK}, SCHEMA) for name in ("R1", "R2")]
    return {
        token: {"cleaning": Room(tmp_path / "packs", store)}
        for token, store in zip((TOKEN, OTHER), stores, strict=True)
    }


@pytest.fixture
def client(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as found:
        found.cookies.set("vhi_reader", TOKEN)
        yield found


def put(client, record, seen="none", task="cleaning", **headers):
    content = record if isinstance(record, bytes) else json.dumps(record).encode()
    return client.put(
        f"/{task}/07/record", content=content, headers={"content-type": "application/json", "if-match": seen} | headers
    )


def test_the_token_of_the_link_becomes_a_cookie(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as client:
        assert client.get("/").status_code == client.get("/cleaning/07/").status_code == 403
        answer = client.get(f"/?token={TOKEN}", follow_redirects=False)
        assert answer.headers["location"] == "/"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "samesite=strict" in answer.headers["set-cookie"].lower()
        assert "Scan 07" in client.get("/").text
        assert "0 of 1 finished" in client.get("/cleaning/").text
        answer = client.get(f"/cleaning/?token={TOKEN}", follow_redirects=False)  # a link of one task leads there
        assert answer.headers["location"] == "/cleaning/"
        assert client.get("/cleaning/states").json() == [{"code": "07", "state": "open"}]
        assert client.get("/cleaning/07/").headers["x-frame-options"] == "DENY"


def test_a_wrong_token_and_a_foreign_host_are_refused(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as client:
        client.get("/?token=guessed")
        assert client.get("/").status_code == 403
        assert put(client, record_with(1)).status_code == 403
        client.cookies.set("vhi_reader", TOKEN)
        for host in ("example.org", "127.0.0.1.example.org", "192.168.0.7"):
            assert client.get("/", headers={"host": host}).status_code == 400
    assert not list((rooms[TOKEN]["cleaning"].store.folder).glob("*.json"))


def test_other_paths_lead_nowhere(client):
    for path in (
        "/marrow/",
        "/marrow/07/",
        "/marrow/states",
        "/cleaning/08/",
        "/cleaning/../07/",
        "/cleaning/..%2f..%2fkey/",
        "/cleaning/%2e%2e/record",
        "/cleaning//",
        "/key",
        "/cleaning/07",
    ):
        assert client.get(path).status_code in (403, 404), path
    assert put(client, record_with(1)).status_code == 200
    assert client.put("/cleaning/..%2fR2%2f07/record", content=b"{}").status_code == 404


def test_bad_bodies_are_refused(client, rooms):
    assert put(client, b"").status_code == 400
    assert put(client, b"{}").status_code == 400
    assert put(client, b"[" * 100_000).status_code == 400
    assert put(client, b"\xff\x00").status_code == 400
    assert put(client, record_with(1) | {"notes": "altered"}).status_code == 400
    assert put(client, sealed(record_with(1) | {"pack": "f" * 32})).status_code == 400
    assert put(client, b" " * (LARGEST_RECORD + 1)).status_code == 413
    assert put(client, record_with(1), **{"content-type": "text/plain"}).status_code == 415
    assert put(client, record_with(1), origin="http://example.org").status_code == 403
    assert client.post("/cleaning/07/record", content=b"{}").status_code == 405
    assert not list(rooms[TOKEN]["cleaning"].store.folder.glob("*.json"))


def test_a_stale_browser_is_told_and_nothing_is_lost(client, rooms):
    one, two = record_with(1), record_with(2)
    assert client.get("/cleaning/07/record").status_code == 204
    first = put(client, one).json()["revision"]
    assert put(client, one).status_code == 200  # sent twice
    second = put(client, two, first).json()["revision"]
    assert put(client, record_with(3), first).status_code == 409
    assert client.get("/cleaning/07/record").json() == {"record": two, "revision": second}
    assert put(client, one, second).status_code == 200  # taken on purpose: the other is put aside
    (aside,) = (rooms[TOKEN]["cleaning"].store.folder / "replaced").iterdir()
    assert json.loads(aside.read_text()) == two
    assert client.put("/cleaning/07/aside", json=record_with(3)).status_code == 200
    assert len(list((rooms[TOKEN]["cleaning"].store.folder / "replaced").iterdir())) == 2


def test_two_readers_see_their_own(client, rooms):
    assert put(client, record_with(2)).status_code == 200
    client.cookies.set("vhi_reader", OTHER)
    assert client.get("/cleaning/07/record").status_code == 204
    assert put(client, record_with(1)).status_code == 200
    assert len(rooms[TOKEN]["cleaning"].store.read("07")["steps"]) == 2
    assert len(rooms[OTHER]["cleaning"].store.read("07")["steps"]) == 1


def test_a_reader_is_served_once_at_a_time(rooms):
    with pytest.raises(InputError, match="being served already"):
        Store(rooms[TOKEN]["cleaning"].store.folder, {"07": PACK}, SCHEMA)


def shared_store(folder, task):
    """The store of a task that all readers share, of the scan s07."""
    images = stored(folder, "LSP")
    packs, drawn = {"07": PACK}, {"07": Drawn("s07", str(folder / "stir.nii.gz"), "d" * 64)}
    if task == "agreeing":
        write_labels(kept_file(folder / "records", "d" * 64), two_readers(), like=images["preliminary"])
        return Agreements(folder / "records" / "consensus", packs, read_schema(ROOT, "consensus"), drawn)
    if task == "scoring":
        return Scores(folder / "records" / "scoring" / "R1", packs, read_schema(ROOT, "sparcc_record"), drawn)
    return Drawings(folder / "records" / task, packs, read_schema(ROOT, "drawing"), drawn)


@pytest.mark.parametrize("task", ["marrow", "region", "agreeing", "scoring"])
def test_pages_that_readers_share_refuse_what_the_cleaning_page_refuses(tmp_path, task):
    of_task = shared_store(tmp_path, task)
    app = make_app({token: {task: Room(tmp_path, of_task.by(token))} for token in (TOKEN, OTHER)})
    good, place = drawn_with(4, task), f"/{task}/07/record"
    bad = {"agreeing": {"differences": 4}, "scoring": {"result": {"total": 9}}}.get(task, {"mask": [[0, 10**9]]})
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert put(client, good, task=task).status_code == 403  # without a token
        client.cookies.set("vhi_reader", "guessed")
        assert put(client, good, task=task).status_code == 403
        client.cookies.set("vhi_reader", TOKEN)
        for content in (
            b"",
            b"{}",
            b"[" * 100_000,
            b"\xff",
            record_with(1),
            good | {"notes": "x"},
            sealed(good | bad),
        ):
            assert put(client, content, task=task).status_code == 400
        assert put(client, b" " * (LARGEST_RECORD + 1), task=task).status_code == 413
        assert put(client, good, task=task, origin="http://example.org").status_code == 403
        assert put(client, good, task=task, host="example.org").status_code == 400
        assert put(client, good, task=task, **{"content-type": "text/plain"}).status_code == 415
        assert client.get("/cleaning/").status_code == client.get("/cleaning/07/record").status_code == 404
        assert not read_made(of_task.folder.parent, of_task.folder.name)
        assert put(client, good, task=task).status_code == 200
        client.cookies.set("vhi_reader", OTHER)  # another reader sees the same scan, and takes it up
        assert client.get(place).json()["record"] == good
        assert put(client, drawn_with(6, task), good["checksum"], task=task).status_code == 200
        assert put(client, drawn_with(8, task), good["checksum"], task=task).status_code == 409
    (row,) = read_made(of_task.folder.parent, of_task.folder.name)
    assert row["reader"] == OTHER


# What a list and an autosave cost, counted in files read and steps checked


@pytest.fixture
def twenty(tmp_path, monkeypatch):
    """Twenty records of three steps, and the paths of those whose head is read."""
    packs = {f"{n:02d}": f"{n:032x}" for n in range(20)}
    records = Store(tmp_path / "R1", packs, SCHEMA)
    for code, pack in packs.items():
        (tmp_path / "R1" / f"{code}.json").write_text(json.dumps(sealed(record_with(3) | {"pack": pack})))
    heads = []
    monkeypatch.setattr(store, "parse_head", lambda content: heads.append(content) or intake.parse_head(content))
    return records, heads


def test_the_list_reads_each_record_once_and_again_only_after_it_changed(twenty, monkeypatch):
    records, heads = twenty
    monkeypatch.setattr(store, "SETTLED_S", -1)  # as if all had been written long ago
    assert set(records.states().values()) == {"begun, 3 steps"}
    assert len(heads) == 20
    records.states()
    assert len(heads) == 20
    whole = sealed(record_with(4, finished=True) | {"pack": records.packs["07"]})
    records.write("07", json.dumps(whole).encode(), records.read("07")["checksum"])
    heads.clear()
    assert records.states()["07"] == "finished"
    (records.folder / "03.json").unlink()
    assert records.states()["03"] == "open"
    assert len(heads) == 1


def test_a_record_changed_within_one_time_stamp_is_seen(twenty):
    records, _ = twenty
    path = records.folder / "07.json"
    records.states()
    before = path.stat()
    other = sealed(record_with(2) | {"pack": records.packs["07"], "notes": "x"})
    content = json.dumps(other).encode()
    path.write_bytes(content + b" " * (before.st_size - len(content)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert records.states()["07"] == "begun, 2 steps"


def test_an_autosave_checks_new_steps_only_and_those_whole(client, rooms, monkeypatch):
    checked = []
    part = intake._unknown_part
    monkeypatch.setattr(
        intake, "_unknown_part", lambda *given: checked.append(len(part(*given)["steps"])) or part(*given)
    )
    seen = put(client, record_with(200)).json()["revision"]
    checked.clear()
    seen = put(client, record_with(202), seen).json()["revision"]
    assert checked == [2, 0]  # what came, and what is stored, which the former begins with
    bad, alike = record_with(204), record_with(204)
    bad["steps"][203]["slice"] = -1
    alike["steps"][5]["keyboard"], alike["steps"][5]["ms"] = False, True  # equal in Python: True == 1
    assert "'steps.203.slice'" in put(client, sealed(bad), seen).text
    assert "'steps.5.ms'" in put(client, sealed(alike), seen).text
    assert len(rooms[TOKEN]["cleaning"].store.read("07")["steps"]) == 202


def test_a_damaged_record_is_named_in_the_list_and_put_aside_by_the_next_save(client, rooms):
    seen = put(client, record_with(2)).json()["revision"]
    path = rooms[TOKEN]["cleaning"].store.folder / "07.json"
    for damaged in (path.read_bytes().replace(b"vessel", b"other", 1), path.read_bytes()[:-9], b"[1]"):
        path.write_bytes(damaged)
        assert "its record cannot be read" in client.get("/").text
        answer = client.get("/cleaning/07/record")
        assert answer.status_code == 400
        assert answer.text.startswith(str(path))
        seen = put(client, record_with(3), seen).json()["revision"]
        assert damaged in [old.read_bytes() for old in (path.parent / "replaced").iterdir()]


# A disk that refuses


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EROFS, 500)])
def test_a_record_that_cannot_be_written_is_answered_with_the_reason(client, rooms, monkeypatch, number, status):
    seen = put(client, record_with(1)).json()["revision"]
    folder = rooms[TOKEN]["cleaning"].store.folder

    def refuse(_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        answer = put(client, record_with(2), seen)
        assert answer.status_code == status
        assert answer.json()["error"].startswith("the disk ")
        assert client.put("/cleaning/07/aside", json=record_with(2)).status_code == status
    assert not list(folder.rglob(".writing-*"))
    assert len(rooms[TOKEN]["cleaning"].store.read("07")["steps"]) == 1
    assert put(client, record_with(2), seen).status_code == 200


# A real server, in a process of its own

SERVE = """
import errno, os, sys, uvicorn
from pathlib import Path
real = os.fsync
def fsync(file):  # a disk that is full as long as there is a file of that name
    if Path({folder!r}, "full").exists():
        raise OSError(errno.ENOSPC, "No space left on device")
    real(file)
os.fsync = fsync
sys.path[:0] = [{scripts!r}]
from vhi.reading_room.server import Room, make_app
from vhi.reading_room.store import Store
from vhi.reading_room.agreements import Agreements
from vhi.reading_room.drawings import Drawings
from vhi.reading_room.makers import Drawn
from vhi.reading_room.scores import Scores
from vhi.study.rows import read_schema
records, root = Path({folder!r}) / "records", Path({root!r})
def run(port):
    store = Store(records / "R1", {packs!r}, read_schema(root, "record"))
    grid = {{code: Drawn("s" + code, str(Path({folder!r}) / "stir.nii.gz"), "d" * 64) for code in {packs!r}}}
    shared = {{task: Drawings(records / task, {packs!r}, read_schema(root, "drawing"), grid) for task in ("marrow", "region")}}
    shared["agreeing"] = Agreements(records / "consensus", {packs!r}, read_schema(root, "consensus"), grid)
    shared["scoring"] = Scores(records / "scoring" / "R1", {packs!r}, read_schema(root, "sparcc_record"), grid)
    rooms = {{"cleaning": store}} | {{task: of.by("R1") for task, of in shared.items()}}
    app = make_app({{{token!r}: {{task: Room(Path({folder!r}) / "packs", of) for task, of in rooms.items()}}}})
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
if {port}:
    run({port})
for line in sys.stdin:  # a server of its own for each port, forked from here, because the imports take seconds
    if not (child := os.fork()):
        run(int(line))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def code_of_server(folder, port, packs=None):
    where = {"scripts": str(ROOT / "workflow_scripts"), "folder": str(folder), "root": str(ROOT)}
    return [sys.executable, "-c", SERVE.format(**where, packs=packs or {"07": PACK}, token=TOKEN, port=port)]


def answers(port):
    """Wait until something listens."""
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def serve(folder, port, packs=None):
    server = subprocess.Popen(code_of_server(folder, port, packs))
    if answers(port):
        return server
    server.kill()
    raise AssertionError("the server did not start")


@contextmanager
def forking(folder):
    """A function that starts a server within milliseconds and gives its process number and port, and one that waits for its end."""
    with subprocess.Popen(code_of_server(folder, 0), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forks:

        def start():
            forks.stdin.write(f"{(port := free_port())}\n")
            forks.stdin.flush()
            child = int(forks.stdout.readline())
            assert answers(port)
            return child, port

        yield start, lambda: int(forks.stdout.readline())


@contextmanager
def served_packs(folder, packs):
    """The address of a real server of these packs."""
    server = serve(folder, port := free_port(), packs)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


def drawn_with(number, task):
    """A record of a drawing of as many voxels, or of a consensus; every second one is finished."""
    if task == "agreeing":
        record = consensus_record([1 + number % 5], finished=number % 2 == 0)
        return sealed(record | {"steps": record["steps"] * number})
    if task == "scoring":
        record = sparcc_record((2, "right", "q1"), finished=number % 2 == 0)
        return sealed(record | {"steps": record["steps"] * number})
    mask = np.zeros(SHAPE, np.uint8)
    mask.ravel()[:number] = 1
    record = drawing_record(mask, task=task, finished=number % 2 == 0, rating="minor" if task == "region" else None)
    return sealed(record | {"steps": record["steps"] * number})


KINDS = {  # folder of the records, and schema
    "cleaning": ("R1", "record"),
    "marrow": ("marrow", "drawing"),
    "region": ("region", "drawing"),
    "agreeing": ("consensus", "consensus"),
    "scoring": ("scoring/R1", "sparcc_record"),
}


@pytest.mark.parametrize("task", KINDS)
def test_kills_leave_no_torn_and_no_lost_record(tmp_path, task):
    name, schema = KINDS[task][0], read_schema(ROOT, KINDS[task][1])
    if task == "cleaning":
        stored(tmp_path, "LSP")  # the grid of the masks
    else:
        shared_store(tmp_path, task)._lock.close()
    folder = tmp_path / "records" / name
    chance, path = random.Random(7), folder / ("07.json" if task == "cleaning" else "s07.json")
    make = record_with if task == "cleaning" else lambda number: drawn_with(number, task)
    records = [json.dumps(make(n)).encode() for n in range(1, 41)]
    acknowledged, number = 0, 0
    with forking(tmp_path) as (start, ended):
        for _ in range(KILLS):
            child, port = start()
            seen = json.loads(path.read_text())["checksum"] if path.is_file() else "none"
            address = {"base_url": f"http://127.0.0.1:{port}", "cookies": {"vhi_reader": TOKEN}}
            with httpx2.Client(**address, timeout=60, trust_env=False) as client:
                try:
                    for turn in itertools.count():
                        if turn == 1:
                            threading.Timer(chance.uniform(0, 0.2), os.kill, [child, signal.SIGKILL]).start()
                        number = number % len(records) + 1
                        answer = put(client, records[number - 1], seen, task)
                        assert answer.status_code == 200, answer.text
                        seen, acknowledged = answer.json()["revision"], number
                except (httpx2.NetworkError, httpx2.RemoteProtocolError):
                    assert ended() == -signal.SIGKILL
            stored_now = parse_record(path.read_bytes(), schema)  # not torn
            count = len(stored_now["steps"])
            assert count in (acknowledged, number)  # not lost: the acknowledged one, or the one under way
            for row in read_made(
                folder.parent, folder.name
            ):  # what the next run takes is whole, and that of the record
                assert stored_now["finished"]
                if row["mask"]:
                    there = np.count_nonzero(read_mask(folder / row["mask"], (0, 1, 2)).volume)
                    assert there == stored_now["result"]["voxels"]
                else:
                    assert len((folder / "sparcc_sheet.tsv").read_text().splitlines()) == 13
    assert acknowledged
    server = serve(tmp_path, free_port())  # the next start clears what was torn, and makes a mask that is missing
    server.kill()
    server.wait()
    assert not list(folder.glob(".writing-*"))
    assert len(read_made(folder.parent, folder.name)) == (task != "cleaning" and stored_now["finished"] is not None)


def test_a_reading_goes_on_at_another_computer_and_a_conflict_has_a_way_out(tmp_path):
    with chromium() as browser:
        (tmp_path / "packs").mkdir()
        make_page(tmp_path / "packs", stored(tmp_path, "LSP"))
        server = serve(tmp_path, port := free_port())
        try:
            there, here = browser.new_context(), browser.new_context()
            for context in (there, here):
                context.request.get(f"http://127.0.0.1:{port}/?token={TOKEN}")
            url = f"http://127.0.0.1:{port}/cleaning/07/"
            first = Reader(there, url)
            first.press("1")
            first.click(2, 25, 28)
            first.saved()
            second = Reader(here, url)
            assert second.steps() == 1
            second.click(2, 33, 6)
            second.saved()
            (tmp_path / "expected.json").write_text(json.dumps(second.record()))
            assert (kept(second) == without(3, 4)).all()
            first.click(4, 19, 33)  # has not seen the second's step
            first.until("document.getElementById('ask').open")
            assert "saved from another window or computer" in first.page.inner_text("#question")
            first.press("1")  # take the one from there
            first.until("reading.steps.length === 2 && !saving")
            assert (kept(first) == without(3, 4)).all()
            assert len(list((tmp_path / "records" / "R1" / "replaced").iterdir())) == 1
            first.click(4, 19, 33)
            first.saved()
            second.click(1, 5, 6)
            second.until("document.getElementById('ask').open")
            second.press("2")  # keep this one
            second.until("!saving && !again && document.getElementById('saved').textContent === 'saved'")
            assert (kept(second) == without(1, 3, 4)).all()
            found = parse_record((tmp_path / "records" / "R1" / "07.json").read_bytes(), SCHEMA)
            assert found["removed"] == second.record()["removed"]
            assert len(list((tmp_path / "records" / "R1" / "replaced").iterdir())) == 2
            local = {url.split("/")[2] for url in first.requests + second.requests if url.startswith("http")}
            assert local == {f"127.0.0.1:{port}"}
            assert not first.errors + second.errors
        finally:
            server.kill()
            server.wait()


@pytest.fixture
def served(tmp_path):
    """A real server of one reading, and the address of its page."""
    (tmp_path / "packs").mkdir()
    make_page(tmp_path / "packs", stored(tmp_path, "LSP"))
    server = serve(tmp_path, port := free_port())
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


def test_a_full_disk_is_told_by_the_page_which_keeps_the_work_and_tries_again(tmp_path, served):
    path = tmp_path / "records" / "R1" / "07.json"
    with chromium() as browser:
        context = browser.new_context()
        context.request.get(f"{served}/?token={TOKEN}")
        reader = Reader(context, f"{served}/cleaning/07/")
        reader.click(2, 25, 28)
        reader.saved()
        assert reader.page.inner_text("#saved") == "saved"
        (tmp_path / "full").touch()
        reader.click(2, 33, 6)
        reader.until("document.getElementById('saved').className === 'bad'")
        told = reader.page.inner_text("#saved")
        assert told == "NOT saved: the disk is full; free some space. Kept in this browser; trying again"
        reader.page.screenshot(path=tmp_path / "full.png")
        assert len(json.loads(path.read_text())["steps"]) == 1
        for _ in range(5):
            reader.press("PageDown")
        reader.press("Home", "PageDown", "PageDown", "f")
        reader.until("reading.finished !== null && document.getElementById('hint').className === 'warn'")
        assert "NOT saved yet" in reader.page.inner_text("#hint")
        (tmp_path / "full").unlink()  # and nobody touches the page
        reader.until("document.getElementById('saved').textContent === 'saved'")
        record = parse_record(path.read_bytes(), SCHEMA)
        assert len(record["steps"]) == 2
        assert record["finished"]
        (tmp_path / "full").touch()
        reader.click(4, 19, 33)
        reader.until("document.getElementById('saved').className === 'bad'")
        reader.page.close()
        (tmp_path / "full").unlink()
        again = Reader(context, f"{served}/cleaning/07/")  # sends what the server had not taken, without a step
        again.until("document.getElementById('saved').textContent === 'saved'")
        assert len(parse_record(path.read_bytes(), SCHEMA)["steps"]) == 3
        assert not list(path.parent.glob(".writing-*"))
        assert not reader.errors + again.errors


def test_two_tabs_of_one_browser_and_a_full_disk_at_the_conflict_lose_nothing(tmp_path, served):
    with chromium() as browser:
        context = browser.new_context()
        context.request.get(f"{served}/?token={TOKEN}")
        first, second = (Reader(context, f"{served}/cleaning/07/") for _ in range(2))
        second.page.bring_to_front()
        second.click(2, 33, 6)
        second.saved()
        first.page.bring_to_front()
        first.click(2, 25, 28)
        first.until("document.getElementById('ask').open")
        (tmp_path / "full").touch()
        first.press("1")  # take the one from there: but this page's cannot be kept there
        first.until("document.getElementById('saved').className === 'bad'")
        assert (kept(first) == without(3)).all()
        (tmp_path / "full").unlink()
        first.until("document.getElementById('ask').open")
        first.press("1")
        first.until("!saving && document.getElementById('saved').textContent === 'saved'")
        assert (kept(first) == without(4)).all()
        (aside,) = (tmp_path / "records" / "R1" / "replaced").iterdir()
        assert [item["region"] for item in json.loads(aside.read_text())["removed"]] == [3]
        assert not first.errors + second.errors


def test_slow_clients_do_not_hold_up_the_others(served):
    host, port = served.removeprefix("http://").split(":")
    start = f"PUT /cleaning/07/record HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: vhi_reader={TOKEN}\r\n"
    slow = []
    for n in range(200):  # half of them never end their headers, half never their body
        slow.append(socket.create_connection((host, int(port))))
        more = "Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n{" if n % 2 else "X-A: b\r\n"
        slow[-1].sendall((start + more).encode())
    with httpx2.Client(base_url=served, cookies={"vhi_reader": TOKEN}, trust_env=False, timeout=5) as client:
        assert client.get("/").status_code == 200
        assert put(client, record_with(1)).status_code == 200
    for one in slow:
        one.close()


def test_after_finish_the_next_scan_is_one_key_away(tmp_path):
    (tmp_path / "packs").mkdir()
    images = stored(tmp_path, "LSP")
    make_page(tmp_path / "packs", images)
    page = (tmp_path / "packs" / "07.html").read_text()
    packs = {"03": "3" * 32, "07": PACK, "12": "c" * 32}
    for code, pack in packs.items():
        (tmp_path / "packs" / f"{code}.html").write_text(page.replace(PACK, pack).replace('"07"', f'"{code}"'))
    with chromium() as browser, served_packs(tmp_path, packs) as url:
        context = browser.new_context()
        context.request.get(f"{url}/?token={TOKEN}")
        reader = Reader(context, f"{url}/cleaning/07/")
        assert reader.page.inner_text("#progress") == "2 of 3, 0 finished"
        reader.click(2, 25, 28)
        for _ in range(5):
            reader.press("PageUp")
        reader.press("End", "PageUp", "PageUp", "f")
        reader.until("document.getElementById('ask').open")
        assert "1 finished" in reader.page.inner_text("#question")
        reader.press("1")
        reader.page.wait_for_url("**/cleaning/03/")
        reader.wait()
        assert reader.page.inner_text("#code") == "Scan 03"
        reader.press("f")
        reader.until("document.getElementById('ask').open")
        reader.press("Escape")
        reader.press(">", ">")
        reader.page.wait_for_url("**/cleaning/07/")
        reader.wait()
        assert reader.steps() == 1
        reader.page.click("#all")
        reader.page.wait_for_url("**/cleaning/")
        assert "1 of 3 finished" in reader.page.inner_text("body")
        assert not reader.errors
