"""Serve the reading room on this computer: ``python -m commands.reading_room --study demo --reader R1`` (make read)."""

import argparse
import json
import secrets
from pathlib import Path

import uvicorn

from commands import ROOT, call, parser_of, study_of
from vhi.io.errors import InputError
from vhi.io.tables import read_rows
from vhi.reading_room.server import Room, make_app
from vhi.reading_room.store import Store, durable
from vhi.study.records import KEY_COLUMNS, KEY_FOLDER
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


def rooms_of(results: Path, records: Path, readers: list[str]) -> dict[str, dict[str, Room]]:
    """Give what each reader is served, by token and task; `InputError` where a reader has nothing to do."""
    rooms = {}
    for reader, token in tokens_of(records, readers).items():
        tasks = {"cleaning": cleaning_room(results, records, reader)}
        rooms[token] = {task: room for task, room in tasks.items() if room}
        if not rooms[token]:
            raise InputError(f"{results}: reader {reader} has no packs yet; make packs STUDY=... READER={reader}")
    return rooms


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted; `InputError` where the study or its packs are not fit."""
    study, results = study_of(options)
    known = study.config["readers"]
    readers = options.reader.split(",") if options.reader else known
    unknown = [reader for reader in readers if reader not in known]
    if unknown or not readers:
        raise InputError(f"unknown reader '{unknown[0] if unknown else ''}'; readers: {known}")
    rooms = rooms_of(results, Path(study.config["reading_room"]["records"]), readers)
    for reader, (token, tasks) in zip(readers, rooms.items(), strict=True):
        for task in tasks:
            print(f"Reader {reader}, {task}: http://127.0.0.1:{options.port}/{task}/?token={token}", flush=True)
    uvicorn.run(make_app(rooms), host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


def main(given: list[str] | None = None) -> None:
    """Read the command line, and serve."""
    parser = parser_of("read", __doc__)
    parser.add_argument("--reader", default="", help="one reader, several with commas, all without")
    parser.add_argument("--port", type=int, default=8733)
    call(serve, parser, given)


if __name__ == "__main__":
    main()
