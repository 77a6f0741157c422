"""Page of all scans, sorted by review priority."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json, write_text
from vhi.io.tables import write_table
from vhi.report.inventory import HAVE
from vhi.report.scan_pages import cohort_page

tell_errors(snakemake.log[0])
params = snakemake.params
facts = [read_json(path) for path in snakemake.input.facts]
dice = [(scan.get("quality") or {}).get("predicted_dice") or 1 for scan in facts]
order = sorted(range(len(facts)), key=lambda place: (-facts[place]["weight"], dice[place], place))

top = ["All scans and readings of this study are simulated."] if params.simulated else []
lacking: dict[str, list[str]] = {}
for scan in facts:
    for part in scan["expected"]:
        if part["state"] not in HAVE:
            lacking.setdefault(f"{part['state']}: {part['what']}", []).append(scan["scan"])
for what, scans in lacking.items():
    top.append(
        f"{what} in {len(scans)} of {len(facts)} scans ({', '.join(scans[:8])}{', ...' if len(scans) > 8 else ''})"
    )
many = f"{len(params.missing_sessions)} subjects lack a session: "
said = [text.removeprefix("subject ").replace(": no scan of session ", " (") + ")" for text in params.missing_sessions]
named = ", ".join(said[:8]) + (", ..." if len(said) > 8 else "")
top += [many + named] if len(said) > 3 else params.missing_sessions
if params.absent:
    top.append(f"{len(params.absent)} files that the tables name are absent: {', '.join(params.absent[:5])}"
               + (", ..." if len(params.absent) > 5 else ""))  # fmt: skip

listed = [facts[place] for place in order]
write_text(snakemake.output.page, cohort_page(f"{params.title}: every scan", top, listed))
rows = [
    {
        **{column: scan[column] for column in ("scan", "subject", "session", "weight")},
        "reasons": "; ".join(item["reason"] for item in scan["reasons"]),
    }
    for scan in listed
]
write_table(snakemake.output.table, pd.DataFrame(rows))
