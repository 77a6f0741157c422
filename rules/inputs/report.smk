# What a report shows, and what it says at its top.


def is_report():
    """Whether Snakemake was called to write its report."""
    return any(word.split("=")[0] == "--report" for word in sys.argv)


def methods_text():
    """The methods paragraphs of a finished run, their headings in bold; they are in the report as a page of their own too."""
    path = Path("results") / STUDY.label / "8_reporting" / "methods.txt"
    if not path.is_file():
        return ""
    paragraphs = [text.partition("\n") for text in path.read_text(encoding="utf-8").strip().split("\n\n")]
    return "\n\n".join(f"**{head}.** {text}" if text else head for head, _, text in paragraphs)


def shown_in_report(targets):
    """While a run computes, the targets as they are; in a report, those that are there, and the pages that were made beside."""
    if not is_report():
        return targets
    beside = targets_of_pages() + targets_of_summaries() + targets_of_notebooks()
    beside += [targets_of_leave_one_out()] if is_trained() else []
    return [path for path in targets + beside if Path(path.replace("<results>", f"results/{STUDY.label}")).exists()]
