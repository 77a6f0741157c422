"""Section 7.5: measure scans and readings by the rules of the calibration table."""

import pandas as pd

from vhi.cleaning.readings import readings_by_scan
from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import read_table, write_table
from vhi.simulation.calibration import from_presentation, measure_scan
from vhi.simulation.calibration_summary import summarise

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
readings = {}
for scan, of_scan in readings_by_scan(params.readings, source.masks):
    for row in of_scan if scan in params.scans else ():
        if row["mask"] is not None:
            kind = readings.setdefault(scan, {}).setdefault(row["method"], {})
            key = (row["reader"], row["trial"]) if row["method"] == "manual" else row["reader"]
            kind[key] = from_presentation(row["mask"])
scores = read_table(source.scores).groupby("scan")["sparcc"].mean() if source.get("scores") else {}
dice = read_table(source.test_dice).groupby("scan")["dice"].mean() if source.get("test_dice") else {}

rows = []
for place, scan in enumerate(params.scans):
    t1w, stir, normal_marrow = source.images[3 * place : 3 * place + 3]
    images = {
        "t1w": read_scan(t1w).volume,
        "stir": read_scan(stir).volume,
        "normal_marrow": read_mask(normal_marrow).volume > 0,
    }
    images["disease_region"] = read_mask(source.region[place]).volume > 0
    row = measure_scan(
        {name: from_presentation(volume) for name, volume in images.items()},
        from_presentation(read_mask(source.preliminary[place], (0, 1, 2)).volume > 0),
        read_json(source.limits[place])["n"],
        readings.get(scan, {}).get("manual"),
        readings.get(scan, {}).get("semiautomatic"),
        scores.get(scan, float("nan")),
    )
    rows.append({"scan": scan, **row, "dice_region": dice.get(scan, float("nan"))})
frame = pd.DataFrame(rows)
write_table(snakemake.output.scans, frame)
write_table(snakemake.output.summary, summarise(frame).reset_index())
