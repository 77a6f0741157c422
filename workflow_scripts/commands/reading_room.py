"""Serve the reading room on this computer: ``python -m commands.reading_room --study demo --reader R1`` (make read)."""

import argparse
import csv
import json
import secrets
import sys
from pathlib import Path

import uvicorn

from vhi.cleaning.reading_room.server import Room, make_app
from vhi.cleaning.reading_room.store import Store, durable
from vhi.io.errors import InputError
from vhi.study.load import load_study, read_schema
from vhi.study.records import KEY_FOLDER

ROOT = Path(__file__).resolve().parents[2]


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


def rooms_of(results: Path, records: Path, readers: list[str], root: Path = ROOT) -> dict[str, Room]:
    """Give what each reader is served, by token; `InputError` where a reader has no packs."""
    schema, rooms = read_schema(root, "record"), {}
    for reader, token in tokens_of(records, readers).items():
        key = results / "6b_reading_room" / "key" / f"{reader}.tsv"
        if not key.is_file():
            raise InputError(f"{key}: reader {reader} has no packs yet; make packs STUDY=... READER={reader}")
        with key.open(encoding="utf-8", newline="") as file:
            packs = {row["code"]: row["pack"] for row in csv.DictReader(file, delimiter="\t")}
        rooms[token] = Room(results / "6b_reading_room" / "packs" / reader, Store(records / reader, packs, schema))
    return rooms


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 1 where the study or its packs are not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", required=True)
    parser.add_argument("--variant", default="")
    parser.add_argument("--data", default="")
    parser.add_argument("--reader", default="", help="one reader, several with commas, all without")
    parser.add_argument("--port", type=int, default=8733)
    given = parser.parse_args(arguments)
    try:
        study = load_study(ROOT, given.study, given.variant, given.data)
        readers = given.reader.split(",") if given.reader else study.config["readers"]
        unknown = [reader for reader in readers if reader not in study.config["readers"]]
        if unknown or not readers:
            raise InputError(f"unknown reader '{unknown[0] if unknown else ''}'; readers: {study.config['readers']}")
        rooms = rooms_of(Path("results") / study.label, Path(study.config["reading_room"]["records"]), readers)
    except InputError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    for reader, token in zip(readers, rooms, strict=True):
        print(f"Reader {reader}: http://127.0.0.1:{given.port}/?token={token}", flush=True)
    uvicorn.run(make_app(rooms), host="127.0.0.1", port=given.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
