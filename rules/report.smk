# The report: what it says at its top, and that a missing result does not stop it. Nothing here while a run computes.
#
#   in   results/<study>/inventory.tsv (make report writes it), 8_reporting/methods.txt
#   out  what rules/captions/workflow.rst shows

from snakemake.io import is_flagged
from vhi.inventory import read_inventory, top_of_report


def is_report():
    """Whether Snakemake was called to write its report."""
    return any(word.split("=")[0] == "--report" for word in sys.argv)


def methods_text():
    """The methods paragraphs of a finished run; they are in the report as a page of their own too."""
    path = Path("results") / STUDY.label / "8_reporting" / "methods.txt"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def shown_in_report(targets):
    """While a run computes, the targets as they are; in a report, those that are there, and the pages that were made beside."""
    if not is_report():
        return targets
    beside = targets_of_pages() + targets_of_summaries() + targets_of_notebooks()
    return [path for path in targets + beside if Path(path.replace("<results>", f"results/{STUDY.label}")).exists()]


if is_report():
    inventory = read_inventory(Path("results") / STUDY.label / "inventory.tsv")
    config["top"] = top_of_report(inventory, CONFIG["simulated"])
    config["methods"] = methods_text()
    for rule in workflow.rules:
        for file in rule.output:
            if is_flagged(file, "report") and "{" not in file and not Path(file).exists():
                file.flags.pop("report")  # Snakemake would refuse the whole report; its top says what is missing
