# The report: what it says at its top, and that a missing result does not stop it. Nothing here while a run computes.
#
#   in   results/<study>/inventory.tsv (make report writes it), 8_reporting/methods.txt
#   out  what rules/captions/workflow.rst shows

from snakemake.io import is_flagged
from vhi.report.inventory import read_inventory, top_of_report

if is_report():
    inventory = read_inventory(Path("results") / STUDY.label / "inventory.tsv")
    config["top"] = top_of_report(inventory, CONFIG["simulated"])
    config["methods"] = methods_text()
    for rule in workflow.rules:
        for file in rule.output:
            if is_flagged(file, "report") and "{" not in file and not Path(file).exists():
                file.flags.pop("report")  # Snakemake would refuse the whole report; its top says what is missing
