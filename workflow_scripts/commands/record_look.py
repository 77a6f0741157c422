"""Add the evaluations on test scans that a study's log holds to its committed table of looks (make record-look).

A look at test scans cannot be undone. Whoever prints a test figure commits its row of test_looks.tsv with it.
"""

import argparse
import csv
from pathlib import Path

from commands import call, parser_of, study_of
from vhi.io.errors import InputError
from vhi.io.files import write_text
from vhi.io.manifest import TEST_LOG
from vhi.study.load import TEST_LOOKS

COLUMNS = ("look", "date", "networks", "members_sha256", "mean_dice", "mean_dice_averaged", "what_for")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated table; none where it is absent."""
    if not path.is_file():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def record(options: argparse.Namespace) -> str:
    """Append what is new; gives what to tell."""
    study, _ = study_of(options)
    log, looks = Path(study.folder) / TEST_LOG, Path(study.folder) / TEST_LOOKS
    known, logged = rows_of(looks), rows_of(log)
    if not logged:
        raise InputError(f"{log}: expected evaluations on test scans, found none; a run with test scans writes them")
    seen = {(row["date"], row["members_sha256"]) for row in known}
    new = [row for row in logged if (row["date"], row["members_sha256"]) not in seen]
    if new and not options.why.strip():
        raise InputError(f"WHY=... is missing: what the {len(new)} new looks at the test scans were for")
    last = max((int(row["look"].split()[-1]) for row in known), default=0)
    for number, row in enumerate(new, last + 1):
        networks = f"{row['protocol']}, {row['steps']} steps, {row['members']} members, {row['networks']}"
        dice = {name: f"{float(row[name]):.4f}" for name in ("mean_dice", "mean_dice_averaged")}
        about = {
            "look": str(number),
            "date": row["date"],
            "networks": networks,
            "members_sha256": row["members_sha256"],
        }
        known.append(about | dice | {"what_for": " ".join(options.why.split())})
    write_text(
        looks, "".join("\t".join(line) + "\n" for line in [COLUMNS, *([row[c] for c in COLUMNS] for row in known)])
    )
    return f"{looks}: {len(new)} looks added, {len(known)} rows in all; commit it with the figures that rest on it"


def main(given: list[str] | None = None) -> None:
    """Read the command line, record, say what was added."""
    parser = parser_of("record-look", __doc__)
    parser.add_argument("--why", default="", help="what the new looks were for")
    print(call(record, parser, given))


if __name__ == "__main__":
    main()
