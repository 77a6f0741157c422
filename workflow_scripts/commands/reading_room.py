"""Serve the reading room on this computer: ``python -m commands.reading_room --study demo --reader R1`` (make read)."""

import argparse
import json
import secrets
from pathlib import Path

import uvicorn

from commands import ROOT, call, parser_of, study_of
from vhi.io.errors import InputError
from vhi.io.tables import read_rows
from vhi.reading_room.agreements import Agreements
from vhi.reading_room.drawings import Drawings
from vhi.reading_room.keys import KEY_COLUMNS, KEY_FOLDER
from vhi.reading_room.made import COLUMN_OF
from vhi.reading_room.makers import Drawn
from vhi.reading_room.scores import Scores
from vhi.reading_room.server import TASKS, Room, make_app
from vhi.reading_room.store import Store, durable
from vhi.study.load import Study
from vhi.study.rows import read_schema


def tokens_of(records: Path, readers: list[str]) -> dict[str, str]:
    """Give each reader's token, made once and kept beside the key."""
    path = records / KEY_FOLDER / "tokens.json"
    tokens = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    new = {reader: secrets.token_urlsafe(24) for reader in readers if reader not in tokens}
    if new:
        tokens |= new
        durable(path, json.dumps(tokens, indent=2).encode())
        path.chmod(0o600)
    return {reader: tokens[reader] for reader in readers}


def cleaning_room(results: Path, records: Path, reader: str) -> Room | None:
    """Give what a reader cleans; None where no packs were made."""
    key = results / "6b_reading_room" / "key" / f"{reader}.tsv"
    if not key.is_file():
        return None
    packs = {row["code"]: row["pack"] for row in read_rows(key, KEY_COLUMNS)}
    store = Store(records / reader, packs, read_schema(ROOT, "record"))
    return Room(results / "6b_reading_room" / "packs" / reader, store)


def scoring_room(results: Path, records: Path, reader: str) -> Room | None:
    """Give what a reader scores; None where no pages were made."""
    rows = read_rows(results / "6b_reading_room" / "key" / f"{reader}_scoring.tsv", KEY_COLUMNS)
    packs, scans = ({row["code"]: row[name] for row in rows} for name in ("pack", "scan"))
    drawn = {code: Drawn(scan, "", "") for code, scan in scans.items()}
    schema = read_schema(ROOT, "sparcc_record")
    folder = records / "scoring" / reader
    return (
        Room(results / "6b_reading_room" / "scoring" / reader, Scores(folder, packs, schema, drawn)) if rows else None
    )


def shared_rooms(study: Study, results: Path, records: Path) -> dict[str, Room]:
    """Give what all readers draw and agree on, by task; `InputError` where a scan of the pages is no longer in the study."""
    rooms, scans = {}, {row["scan"]: row for row in study.tables["scans"]}
    for task in (*COLUMN_OF, "agreeing"):
        rows = read_rows(results / "6b_reading_room" / "key" / f"{task}.tsv", KEY_COLUMNS)
        if unknown := [row["scan"] for row in rows if row["scan"] not in scans]:
            raise InputError(
                f"{study.folder}/scans.tsv: scan {unknown[0]} has a page and is gone; make the pages anew: make read"
            )
        drawn, axis = {}, study.config["orientation"]["slice_axis"]
        for row in rows:
            scan = scans[row["scan"]]
            grid = scan["t1w"] if task == "region" else scan["stir"]
            if grid is None:
                raise InputError(
                    f"{study.folder}/scans.tsv: scan {row['scan']} has a page ({task}), and its image is absent; pass DATA=DIR"
                )
            named = row["preliminary"] if task == "agreeing" else scan.named.get(COLUMN_OF[task]) or ""
            drawn[row["code"]] = Drawn(row["scan"], grid, named, axis)
        packs = {row["code"]: row["pack"] for row in rows}
        if rows and task == "agreeing":
            given = records / "consensus", packs, read_schema(ROOT, "consensus"), drawn
            store = Agreements(*given, connectivity=study.config["small_regions"]["connectivity"])
            rooms[task] = Room(results / "6b_reading_room" / task, store)
        elif rows:
            store = Drawings(records / task, packs, read_schema(ROOT, "drawing"), drawn)
            rooms[task] = Room(results / "6b_reading_room" / task, store)
    return rooms


def rooms_of(study: Study, results: Path, readers: list[str]) -> dict[str, dict[str, Room]]:
    """Give what each reader is served, by token and task; `InputError` where a reader has nothing to do."""
    records = Path(study.config["reading_room"]["records"])
    rooms, shared = {}, shared_rooms(study, results, records)
    for reader, token in tokens_of(records, readers).items():
        rooms[token] = {task: Room(room.packs, room.store.by(reader)) for task, room in shared.items()}
        if cleaning := cleaning_room(results, records, reader):
            rooms[token]["cleaning"] = cleaning
        if scoring := scoring_room(results, records, reader):
            rooms[token]["scoring"] = scoring
        if not rooms[token]:
            raise InputError(f"{results}: reader {reader} has no packs yet; make packs STUDY=... READER={reader}")
    return rooms


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted; `InputError` where the study or its packs are not fit."""
    study, results = study_of(options)
    known = study.config["readers"]
    readers = options.reader.split(",") if options.reader else known
    if not known:
        raise InputError(f"{study.folder}/config.yaml: `readers` is empty; name those who draw, rate and read")
    if unknown := [reader for reader in readers if reader not in known]:
        raise InputError(f"unknown reader '{unknown[0]}'; readers: {known}")
    rooms = rooms_of(study, results, readers)
    if options.task:
        rooms = {
            token: {task: room for task, room in tasks.items() if task == options.task}
            for token, tasks in rooms.items()
        }
    for reader, (token, tasks) in zip(readers, rooms.items(), strict=True):
        for task in tasks:
            print(f"Reader {reader}, {task}: http://127.0.0.1:{options.port}/{task}/?token={token}", flush=True)
    uvicorn.run(make_app(rooms), host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


def main(given: list[str] | None = None) -> None:
    """Read the command line, and serve."""
    parser = parser_of("read", __doc__)
    parser.add_argument("--reader", default="", help="one reader, several with commas, all without")
    parser.add_argument("--task", default="", choices=["", *TASKS], help="one task, all without")
    parser.add_argument("--port", type=int, default=8733)
    call(serve, parser, given)


if __name__ == "__main__":
    main()
