# What the reading room shows to whom, and what readers have handed in.

from vhi.study_records import key_file, kept_file, read_key

ROOM = CONFIG["reading_room"]
RECORD_SCHEMA = str(ROOT / "config" / "schemas" / "record.schema.yaml")


@cache
def key_of(reader):
    """A reader's part of the study's key."""
    return read_key(ROOM["records"], reader)


def key_of_reading(scan, reader, trial):
    """The key's rows of one reading, with the file that keeps the segmentation each pack showed."""
    rows = [row for row in key_of(reader) if (row["scan"], str(row["trial"])) == (scan, str(trial))]
    return [row | {"kept": str(kept_file(ROOM["records"], row["preliminary"]))} for row in rows]
