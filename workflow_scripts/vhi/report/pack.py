"""The report as one zip file: the first page and all that it links, directly or through other pages."""

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

from vhi.io.errors import InputError
from vhi.io.files import replacing

LINK = re.compile(rb'(?:href|src)="([^"#?:{]+)"')
COMPRESSED = (".png", ".webp", ".gz", ".zip")


def linked_files(start: Path) -> list[Path]:
    """Find a page and all files that it needs or links, through all pages between them.

    Parameters
    ----------
    start : Path
        An HTML file.

    Raises
    ------
    InputError
        Where a page links a file that is absent.
    """
    found, waiting = {}, [start.resolve()]
    while waiting:
        page = waiting.pop()
        found[page] = None
        if page.suffix != ".html":
            continue
        for link in dict.fromkeys(LINK.findall(page.read_bytes())):
            path = (page.parent / unquote(link.decode())).resolve()
            if not path.is_file():
                raise InputError(f"{page}: links {link.decode()}, which is absent; make report writes the pages again")
            if path not in found:
                waiting.append(path)
    return sorted(found)


def pack(start: Path, target: Path) -> int:
    """Write a page and all that it links into a zip file, with the places they have; gives their number."""
    files = linked_files(start)
    with replacing(target) as beside, zipfile.ZipFile(beside, "w") as packed:
        for path in files:
            way = zipfile.ZIP_STORED if path.suffix in COMPRESSED else zipfile.ZIP_DEFLATED
            packed.write(path, path.relative_to(start.parent.resolve()), way, 1)
    return len(files)
