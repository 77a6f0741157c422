"""Pack the report and all that it shows into one zip file (make report-zip)."""

import argparse

from commands import call, parser_of, study_of
from vhi.io.errors import InputError
from vhi.report.pack import pack


def report_zip(options: argparse.Namespace) -> None:
    """Write results/<study>/report.zip."""
    _, results = study_of(options)
    first = results / "report.html"
    if not first.is_file():
        raise InputError(f"{first}: absent; make report STUDY={options.study} writes it")
    number = pack(first, results / "report.zip")
    size = (results / "report.zip").stat().st_size / 1e6
    print(f"{results / 'report.zip'}: {number} files, {size:.1f} MB. Unpack it and open report.html.")


if __name__ == "__main__":
    call(report_zip, parser_of("report-zip", __doc__), None)
