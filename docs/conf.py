"""Settings of the site (make docs-site); docs/build_site.py gathers its pages and calls Sphinx with these."""

from pathlib import Path

import yaml

project = "V_HI"
version = release = yaml.safe_load(Path(__file__).parents[1].joinpath("CITATION.cff").read_text(encoding="utf-8"))[
    "version"
]
author = "the authors of V_HI"
project_copyright = author
extensions = ["myst_parser"]
root_doc = "index"
default_role = "code"  # `name` in a caption
myst_heading_anchors = 4  # as GitHub makes them, so that a link holds in both places
html_theme = "furo"
html_title = f"V_HI {release}"
html_copy_source = False
html_show_sphinx = False
html_permalinks = False
html_show_search_summary = False  # it fetches pages, which a browser forbids to pages opened from the disk
smartquotes = False  # messages are shown as the program writes them
pygments_style = "friendly"
