"""Section 2.7.3: standardised response means of V_HI and SPARCC, compared on the same resamples of subjects."""

import numpy as np
import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.change import response_means

NAMES = {"vhi": "V_HI", "log_vhi": "log(V_HI + 1)", "sparcc": "SPARCC"}

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
changes = read_table(source.changes)
groups = {"all subjects": set(changes["subject"])}
if source.get("clinical"):
    clinical = read_table(source.clinical)
    clinical = clinical[clinical["rule"] == params.rule]
    for response, name in (("yes", "clinical responders"), ("no", "clinical non-responders")):
        groups[name] = set(clinical.loc[clinical["response"] == response, "subject"])

rows = []
for reader in dict.fromkeys(changes["reader"]):
    of_reader = changes[changes["reader"] == reader]
    wide = of_reader.pivot(index="subject", columns="measure", values=["pre", "post"]).swaplevel(axis=1)
    for session in ("pre", "post"):
        wide["log_vhi", session] = np.log1p(wide["vhi", session])
    measures = [measure for measure in NAMES if (measure, "pre") in wide]
    paired = pd.DataFrame({(NAMES[m], session): wide[m, session] for m in measures for session in ("pre", "post")})
    against = NAMES["sparcc"] if "sparcc" in measures else None
    for group, subjects in groups.items():
        rng = np.random.default_rng(params.seed)  # each group and reader draws the same, whatever else is asked for
        found = response_means(paired[paired.index.isin(subjects)], params.resamples, rng, against)
        rows += [{"reader": reader, "group": group} | row for row in found]
columns = ["reader", "group", "statistic", "measure", "n", "estimate", "ci_low", "ci_high", "p"]
write_table(snakemake.output[0], pd.DataFrame(rows, columns=columns))
