"""Section 3.5: do the published counts of responders fit together, and which tables fit them."""

from vhi.io.errors import InputError, tell_errors
from vhi.io.tables import write_table
from vhi.report.claims.parity import NEEDED, derivation, possible_tables

tell_errors(snakemake.log[0])
printed = {claim["id"]: claim["published"] for claim in snakemake.params.claims}
missing = [claim for claim in NEEDED.values() if claim not in printed]
if missing:
    raise InputError(
        f"{snakemake.params.file}: the derivation needs the claims {', '.join(NEEDED.values())}; found none of "
        f"{', '.join(missing)}: add them, or take claim vhi_sparcc_agreement out"
    )
write_table(snakemake.output.derivation, derivation(printed))
write_table(snakemake.output.tables, possible_tables(printed))
