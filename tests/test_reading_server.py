"""The reading room's server: who is refused, and that no record is torn or lost."""

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
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from page_driver import Reader, chromium
from test_reading_page import PACK, SCHEMA, kept, make_page, phantom, stored, without
from test_records import record_of_steps
from vhi.errors import InputError
from vhi.reading_room.intake import LARGEST_RECORD, parse_record
from vhi.reading_room.server import Room, make_app
from vhi.reading_room.store import Store
from vhi.records import sealed

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
    return {token: Room(tmp_path / "packs", store) for token, store in zip((TOKEN, OTHER), stores, strict=True)}


@pytest.fixture
def client(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as found:
        found.cookies.set("vhi_reader", TOKEN)
        yield found


def put(client, record, seen="none", **headers):
    content = record if isinstance(record, bytes) else json.dumps(record).encode()
    return client.put(
        "/scan/07/record", content=content, headers={"content-type": "application/json", "if-match": seen} | headers
    )


def test_the_token_of_the_link_becomes_a_cookie(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as client:
        assert client.get("/").status_code == client.get("/scan/07/").status_code == 403
        answer = client.get(f"/?token={TOKEN}", follow_redirects=False)
        assert answer.headers["location"] == "/"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "samesite=strict" in answer.headers["set-cookie"].lower()
        assert "Scan 07" in client.get("/").text
        assert client.get("/scan/07/").headers["x-frame-options"] == "DENY"


def test_a_wrong_token_and_a_foreign_host_are_refused(rooms):
    with TestClient(make_app(rooms), base_url="http://127.0.0.1") as client:
        client.get("/?token=guessed")
        assert client.get("/").status_code == 403
        assert put(client, record_with(1)).status_code == 403
        client.cookies.set("vhi_reader", TOKEN)
        for host in ("example.org", "127.0.0.1.example.org", "192.168.0.7"):
            assert client.get("/", headers={"host": host}).status_code == 400
    assert not list((rooms[TOKEN].store.folder).glob("*.json"))


def test_other_paths_lead_nowhere(client):
    for path in (
        "/scan/08/",
        "/scan/../07/",
        "/scan/..%2f..%2fkey/",
        "/scan/%2e%2e/record",
        "/scan//",
        "/key",
        "/scan/07",
    ):
        assert client.get(path).status_code in (403, 404), path
    assert put(client, record_with(1)).status_code == 200
    assert client.put("/scan/..%2fR2%2f07/record", content=b"{}").status_code == 404


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
    assert client.post("/scan/07/record", content=b"{}").status_code == 405
    assert not list(rooms[TOKEN].store.folder.glob("*.json"))


def test_a_stale_browser_is_told_and_nothing_is_lost(client, rooms):
    one, two = record_with(1), record_with(2)
    assert client.get("/scan/07/record").status_code == 204
    first = put(client, one).json()["revision"]
    assert put(client, one).status_code == 200  # sent twice
    second = put(client, two, first).json()["revision"]
    assert put(client, record_with(3), first).status_code == 409
    assert client.get("/scan/07/record").json() == {"record": two, "revision": second}
    assert put(client, one, second).status_code == 200  # taken on purpose: the other is put aside
    (aside,) = (rooms[TOKEN].store.folder / "replaced").iterdir()
    assert json.loads(aside.read_text()) == two
    assert client.put("/scan/07/aside", json=record_with(3)).status_code == 200
    assert len(list((rooms[TOKEN].store.folder / "replaced").iterdir())) == 2


def test_two_readers_see_their_own(client, rooms):
    assert put(client, record_with(2)).status_code == 200
    client.cookies.set("vhi_reader", OTHER)
    assert client.get("/scan/07/record").status_code == 204
    assert put(client, record_with(1)).status_code == 200
    assert len(rooms[TOKEN].store.read("07")["steps"]) == 2
    assert len(rooms[OTHER].store.read("07")["steps"]) == 1


def test_a_reader_is_served_once_at_a_time(rooms):
    with pytest.raises(InputError, match="being served already"):
        Store(rooms[TOKEN].store.folder, {"07": PACK}, SCHEMA)


# A real server, in a process of its own

SERVE = """
import sys, uvicorn
from pathlib import Path
sys.path[:0] = [{scripts!r}]
from vhi.reading_room.server import Room, make_app
from vhi.reading_room.store import Store
from vhi.study import read_schema
store = Store(Path({folder!r}) / "records" / "R1", {{"07": {pack!r}}}, read_schema(Path({root!r}), "record"))
app = make_app({{{token!r}: Room(Path({folder!r}) / "packs", store)}})
uvicorn.run(app, host="127.0.0.1", port={port}, log_level="warning")
"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def serve(folder, port):
    code = SERVE.format(
        scripts=str(ROOT / "workflow_scripts"), folder=str(folder), root=str(ROOT), pack=PACK, token=TOKEN, port=port
    )
    server = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(400):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
            return server
        except httpx.HTTPError:
            time.sleep(0.05)
    server.kill()
    raise AssertionError("the server did not start")


def test_kills_leave_no_torn_and_no_lost_record(tmp_path):
    chance, path = random.Random(7), tmp_path / "records" / "R1" / "07.json"
    records = [json.dumps(record_with(n)).encode() for n in range(1, 41)]
    acknowledged, number = 0, 0
    for _ in range(KILLS):
        server = serve(tmp_path, port := free_port())
        seen = json.loads(path.read_text())["checksum"] if path.is_file() else "none"
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", cookies={"vhi_reader": TOKEN}, trust_env=False
        ) as client:
            try:
                for turn in itertools.count():
                    if turn == 1:
                        threading.Timer(chance.uniform(0, 0.2), server.send_signal, [signal.SIGKILL]).start()
                    number = number % len(records) + 1
                    answer = put(client, records[number - 1], seen)
                    assert answer.status_code == 200, answer.text
                    seen, acknowledged = answer.json()["revision"], number
            except httpx.HTTPError:
                server.wait()
        stored_now = parse_record(path.read_bytes(), SCHEMA)  # not torn
        assert len(stored_now["steps"]) in (
            acknowledged,
            number,
        )  # not lost: the acknowledged one, or the one under way
    assert acknowledged
    Store(path.parent, {"07": PACK}, SCHEMA)
    assert not list(path.parent.glob(".writing-*"))


def test_a_reading_goes_on_at_another_computer_and_a_conflict_has_a_way_out(tmp_path):
    with chromium() as browser:
        (tmp_path / "packs").mkdir()
        make_page(tmp_path / "packs", stored(tmp_path, "LSP"))
        server = serve(tmp_path, port := free_port())
        try:
            there, here = browser.new_context(), browser.new_context()
            for context in (there, here):
                context.request.get(f"http://127.0.0.1:{port}/?token={TOKEN}")
            url = f"http://127.0.0.1:{port}/scan/07/"
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
