"""Pages of the reading room: which files make them. This module is part of what the Snakefile stands on."""

import json

PAGES = {
    "marrow": ("marrow.html", "tools.html", "drawing.js", "limits.js", "marrow.js"),
    "region": ("region.html", "tools.html", "drawing.js", "region.js"),
    "cleaning": ("cleaning.html", "reading.js", "cleaning.js"),
    "scoring": ("scoring.html", "scoring.js"),
    "agreeing": ("agreeing.html", "reading.js", "agreeing.js"),
}
"""Files of each task's page, its own HTML first, beside those that all pages share."""
SHARED = ("page.html", "page.css", "record.js", "viewer.js", "shell.js", "saving.js")


def page_files(task: str) -> list[str]:
    """Names of the files that make the page of a task, in the order of their scripts."""
    return [*SHARED, *PAGES[task]]


def page(template: dict[str, str], content: dict) -> str:
    """Make the page of a pack.

    Parameters
    ----------
    template : dict of str
        Text of the files of `page_files`, in that order.
    content : dict
        Of `pack_content`.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    side = next(text for name, text in template.items() if name.endswith(".html") and name != "page.html")
    scripts = "\n".join(text for name, text in template.items() if name.endswith(".js"))
    side = side.replace("/*TOOLS*/", template.get("tools.html", ""))
    text = template["page.html"].replace("/*SIDE*/", side).replace("/*STYLE*/", template["page.css"])
    text = text.replace("/*SCRIPTS*/", scripts)
    return text.replace("/*PACK*/", json.dumps(content, separators=(",", ":")).replace("<", "\\u003c"))
