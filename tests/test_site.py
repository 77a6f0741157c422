"""The site: builds without a warning, opens from the disk, asks no other computer, and its search finds words."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from page_driver import opened_pages

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import build_site  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built once."""
    target = tmp_path_factory.mktemp("site") / "site"
    assert build_site.build(target) == ""
    return target


def remote(text, ending):
    """What a page or a style sheet would load from another computer."""
    found = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)", text)
    if ending == ".html":
        parser = HTMLParser()

        def handle(tag, attributes):
            address = dict(attributes).get(LOADED.get(tag, ""))
            if address and re.match(r"(https?:)?//", address):
                found.append(address)

        parser.handle_starttag = handle
        parser.feed(text)
    return found


def test_what_is_loaded_from_elsewhere_is_found():
    assert remote('<script src="https://x.org/a.js"></script><a href="https://x.org">x</a>', ".html") == [
        "https://x.org/a.js"
    ]
    assert remote("@import '//x.org/a.css'; b {background: url(https://x.org/b.png)}", ".css") == [
        "//x.org/a.css",
        "https://x.org/b.png",
    ]


def test_nothing_is_loaded_from_another_computer(site):
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(files) > 30
    assert not {str(path): found for path in files if (found := remote(path.read_text(), path.suffix))}


def test_pages_open_from_the_disk(site, browser):
    pages = [site / name for name in ("index.html", "docs/offline.html", "docs/tables_and_figures.html")]
    assert set(opened_pages(browser, pages).values()) == {""}


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("interquartile range of 0", "docs/faq.html"),
        ("must hold whole numbers among", "docs/faq.html"),  # of a message
        ("minimum_pixels", "config/README.html"),
        ("SHA256SUMS", "docs/offline.html"),
    ],
)
def test_the_search_finds_words_from_the_disk(site, browser, words, page):
    context = browser.new_context()
    opened, requests = context.new_page(), []
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto((site / "index.html").as_uri())
    opened.fill("input[name=q]", words)
    opened.press("input[name=q]", "Enter")
    opened.wait_for_selector("#search-results li a")
    found = opened.eval_on_selector_all("#search-results li a", "all => all.map(one => one.href)")
    context.close()
    assert any(page in address for address in found), found
    assert all(address.startswith("file:") for address in requests)


def test_every_page_is_in_the_navigation_once():
    pages = " ".join(build_site.NAVIGATION.values()).split()
    written = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")}
    assert sorted(pages) == sorted(written | {"config/README", "CHANGELOG", "docs/tables_and_figures"})


def test_the_reference_has_every_table_and_figure_with_its_caption():
    text = build_site.tables_and_figures()
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk") if path.stem != "study")
    assert len(re.findall(r"^- `", text, re.M)) == len(re.findall(r"\b(?:shown|drawn)\(", rules))
    captions = list((ROOT / "rules" / "captions").glob("*.rst"))
    assert [path.stem for path in captions if path.read_text().strip() not in text] == []
