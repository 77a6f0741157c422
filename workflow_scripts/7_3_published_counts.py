"""Section 3.5: can the published counts of responders all be true."""

from vhi.errors import InputError, tell_errors
from vhi.parity import NEEDED, derivation
from vhi.tables import write_table

tell_errors(snakemake.log[0])
printed = {claim["id"]: claim["published"] for claim in snakemake.params.claims}
missing = [claim for claim in NEEDED.values() if claim not in printed]
if missing:
    raise InputError(
        f"{snakemake.params.file}: the derivation needs the claims {', '.join(NEEDED.values())}; found none of "
        f"{', '.join(missing)}: add them, or take claim vhi_sparcc_agreement out"
    )
write_table(snakemake.output[0], derivation(printed))
