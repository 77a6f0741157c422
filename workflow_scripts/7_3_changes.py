"""Section 2.7.3: change of V_HI and SPARCC under treatment, and the smallest change that readers can tell from none."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.change import MEAN, changes, detectable_interval, smallest_detectable_change

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
read = read_table(source.measurements)
read = read[(read["method"] == "semiautomatic") & (read["trial"] == "1")]
values = {"vhi": (params.unit, params.readers, read.assign(value=read[f"vhi_{params.unit}"]))}
if source.get("sparcc"):
    scored = read_table(source.sparcc).rename(columns={"sparcc": "value"})
    readers = [reader for reader in params.all_readers if reader in set(scored["reader"])]
    values["sparcc"] = ("score", readers, scored)

found, detectable = [], []
for measure, (unit, readers, table) in values.items():
    of_measure = changes(table.assign(value=table["value"].astype(float)), readers)
    found.append(of_measure.assign(measure=measure, unit=unit))
    by_reader = of_measure[of_measure["reader"] != MEAN].pivot(index="subject", columns="reader", values="change")
    for reader in dict.fromkeys(of_measure["reader"]):
        averaged = len(readers) if reader == MEAN else 1
        limit = smallest_detectable_change(by_reader, averaged)
        row = {"measure": measure, "unit": unit, "reader": reader, "readers_averaged": averaged}
        n = len(by_reader.dropna())
        low, high = detectable_interval(limit, n, by_reader.shape[1])
        detectable.append(row | {"n": n, "smallest_detectable_change": limit, "ci_low": low, "ci_high": high})

columns = ["measure", "unit", "reader", "subject", "pre", "post", "change", "direction"]
write_table(snakemake.output.changes, pd.concat(found)[columns])
write_table(snakemake.output.detectable, pd.DataFrame(detectable))
