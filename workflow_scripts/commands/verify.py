"""Find every output or input that is changed, missing, stale or unknown since it was made or used (make verify)."""

import argparse
import sys

from commands import call, finished, parser_of, study_of, summary
from vhi.io.manifest import differences
from vhi.report.inventory import rows_of_summary


def stale(text: str) -> list[tuple[str, str, str]]:
    """Outputs that Snakemake would make again, with its reason, from its summary."""
    found = []
    for row in rows_of_summary(text):
        if row["plan"] != "no update":
            kind, status = "missing" if row["status"] == "missing" else "stale", row["status"]
            why = "what it is made from is newer" if status == "ok" else status
            found.append((kind, row["output_file"], f"{row['rule']}: {why}"))
    return found


def verify(options: argparse.Namespace) -> tuple[list[tuple[str, str, str]], int]:
    """Compare manifest, files and what Snakemake would do; gives the problems and the number of files looked at."""
    rows, folders = finished(*study_of(options))
    problems = differences(rows, folders)
    known = {path for _, path, _ in problems}
    return problems + [problem for problem in stale(summary(options)) if problem[1] not in known], len(rows)


def main(given: list[str] | None = None) -> None:
    """Read the command line, verify, print what was found; ends with 1 where there is anything."""
    problems, number = call(verify, parser_of("verify", __doc__), given)
    for kind, path, what in problems:
        print(f"{kind}\t{path}\t{what}")
    if problems:
        sys.exit(
            f"{len(problems)} problems; make run makes again what is missing or stale, remove a changed output to have it made again"
        )
    print(f"{number} files are as they were made or used; nothing is stale")


if __name__ == "__main__":
    main()
