"""Drive a reading page in headless Chromium, as a reader would: with the pointer and with keys."""

import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-software-rasterizer",
]  # fmt: skip


@contextmanager
def chromium():
    """Debian's Chromium without WebGL; the test is skipped, with the reason, where it or playwright is absent."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (make setup)")
    if not Path(CHROMIUM).is_file():
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--enable-unsafe-swiftshader"]
        )
        yield browser
        browser.close()


def opened_pages(browser, pages, sizes=((1366, 768),)) -> dict[tuple[str, int], str]:
    """What went wrong as each of these files was opened at each size of window, by its name and the width; "" where nothing did."""
    found = {}
    for width, height in sizes:
        context = browser.new_context(viewport={"width": width, "height": height})
        for path in pages:
            page, errors = context.new_page(), []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.goto(path.as_uri())
            page.wait_for_load_state("networkidle")
            blank = [frame.url for frame in page.frames if not frame.evaluate("document.body.innerText.trim().length")]
            broken = page.evaluate(
                "[...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
            )
            found[path.name, width] = " ".join(errors + [f"blank: {url}" for url in blank] + broken)
            page.close()
        context.close()
    return found


class Reader:
    """A page in a browser, and what a reader does to it; places are (slice, row, column) of the presented volume."""

    def __init__(self, context, url):
        self.page = context.new_page()
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)
        self.wait()

    def wait(self):
        self.page.wait_for_selector("body[data-ready=yes]", timeout=20_000)
        return self

    def at(self, slice_, row, column):
        """Show a slice, and give where a voxel is on the screen."""
        self.page.evaluate("slice => go(slice)", slice_)
        return self.page.evaluate("([row, column]) => view.onScreen(row, column)", [row, column])

    def click(self, slice_, row, column, shift=False):
        x, y = self.at(slice_, row, column)
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(x, y)
        if shift:
            self.page.keyboard.up("Shift")

    def drag(self, slice_, corners, shift=False):
        """Draw from corner to corner, (row, column) each."""
        points = [self.at(slice_, row, column) for row, column in corners]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=4)
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.up()
        if shift:
            self.page.keyboard.up("Shift")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def record(self):
        return self.page.evaluate("reading.record()")

    def steps(self):
        return self.page.evaluate("reading.steps.length")

    def saved(self):
        """Wait until nothing is left to be saved."""
        self.page.evaluate("save(0)")
        self.until("!saving && !again")

    def until(self, expression, seconds=10):
        """Wait until an expression is true in the page, whose policy forbids what playwright's own waiting does."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    def download(self, act):
        """What the page saves to disk when `act` is done."""
        with self.page.expect_download() as download:
            act()
        return Path(download.value.path()).read_bytes()
