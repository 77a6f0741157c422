"""Set what a study expects beside what is there, for the top of its report (make report)."""

import argparse

from commands import ROOT, call, parser_of, study_of, summary
from vhi.io.tables import write_rows
from vhi.report.inventory import expected_of_study, results_of
from vhi.report.top import COLUMNS, top_of_report, with_checksums
from vhi.study.plan import Plan
from vhi.study.words import Words


def inventory(options: argparse.Namespace) -> None:
    """Write results/<study>/inventory.tsv, and print what is not there."""
    study, results = study_of(options)
    made = results_of(summary(options))
    rows = with_checksums(expected_of_study(study) + [row | {"kind": "result"} for row in made])
    path = results / "inventory.tsv"
    write_rows(path, COLUMNS, rows)
    top = top_of_report(rows, study.config["simulated"])
    print(f"{top['there']} of {top['expected']} expected files, readings and results are there; {path} lists them")
    for line in top["lines"]:
        print("  " + line.replace("**", ""))
    missing = sum(row["state"] == "missing" for row in rows if row["kind"] == "result")
    print(Words(Plan(study, ROOT, {"data": options.data}), print, set).following(missing))


if __name__ == "__main__":
    call(inventory, parser_of("report", __doc__), None)
