"""Build the documents as a site in build/site, which opens from the disk without network (make docs-site).

The pages are those of the repository, at the same places to each other, so that their links hold on GitHub and in the site. One page
is made here: every table and figure of a report, from the rules, their captions and docs/outputs.md.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAVIGATION = {  # every page once
    "Start": "docs/quickstart",
    "Tutorials": "docs/reproduce_paper docs/own_cohort docs/change_a_step",
    "Use": "docs/reading_room docs/report docs/outputs docs/joints docs/response docs/multiverse docs/cluster docs/offline docs/faq",
    "Methods and measured numbers": "docs/methods docs/statistics docs/uncertainty docs/training docs/model_card docs/simulation "
    "docs/scale docs/accidents docs/integrity",
    "Reference": "config/README docs/tables_and_figures",
    "Contribute": "docs/contributing docs/architecture CHANGELOG",
}
COPIED = ("CHANGELOG.md", "CITATION.cff", "LICENSE", "config/README.md", "docs/*.md", "docs/images/*")


def navigation() -> str:
    """The parts of the site and their pages, as MyST's tables of contents."""
    parts = (
        ["```{toctree}", ":hidden:", f":caption: {part}", *pages.split(), "```"] for part, pages in NAVIGATION.items()
    )
    return "\n".join(line for lines in parts for line in lines) + "\n"


def shown_in(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Find what a rule file hands to the report with ``shown()`` and ``drawn()``.

    Yields
    ------
    path, label, category, caption : str
        As ``shown()`` of rules/study.smk takes them; `category` is "" where the path decides.
    """
    for match in re.finditer(r"(?<!def )\b(shown|drawn)\(", text):
        end, depth = match.end(), 1
        while depth:  # captions and labels hold no single parenthesis
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        call = ast.parse(text[match.start() : end], mode="eval").body
        path, label = (ast.literal_eval(given) for given in call.args[:2])
        about = {given.arg: ast.literal_eval(given.value) for given in call.keywords}
        path = path if match[1] == "shown" else f"{path}.png"
        caption = about.get("caption") or Path(path).name.split(".")[0]
        yield path, label, about.get("category", ""), caption


def contents() -> list[tuple[str, str]]:
    """Files and their contents by docs/outputs.md; a file may be a pattern (``7_1_overlap/figure_4.*``)."""
    found, text = [], (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for files, said in re.findall(r"^\| (`.*?) \| (.*) \|$", text, re.M):
        folder = Path()
        for name, *endings in map(str.split, re.findall(r"`([^`]+)`", files)):
            folder = Path(name).parent if "/" in name else folder  # a name without folder is beside the last
            path = folder / Path(name).name
            found += [
                (str(one), said) for one in (path, *map(path.with_suffix, filter(re.compile(r"\.\w+$").match, endings)))
            ]
    return found


def name_of(path: str, label: str) -> str:
    """Label of a result for all scans, subjects or notebooks together."""
    return re.sub(r"(: )?\{.*?\}", "", label) or Path(path).parent.name.capitalize()


def tables_and_figures() -> str:
    """Write the page of all tables and figures of a report, in MyST."""
    study = (ROOT / "rules" / "study.smk").read_text(encoding="utf-8")
    categories = ast.literal_eval(re.search(r"^CATEGORIES = (\{.*?^\})", study, re.M | re.S)[1])
    known, parts = contents(), {}
    for file in sorted({*ROOT.glob("rules/*.smk")} - {ROOT / "rules" / "study.smk"}):
        for path, label, category, caption in shown_in(file.read_text(encoding="utf-8")):
            part = parts.setdefault(category or categories[Path(path).parts[0]], {})
            part.setdefault(caption, []).append((path, label))
    lines = [
        "# Tables and figures\n",
        "Each part is a part of the report and holds its tables and figures, with their captions. A study has those that its data",
        "allow. Paths are under `results/<study>/`. [Output files](outputs.md) lists all other files.\n",
    ]
    for category in sorted(parts):
        lines.append(f"## {category}\n")
        for caption, files in parts[category].items():
            heading = name_of(*files[0])
            text = (ROOT / "rules" / "captions" / f"{caption}.rst").read_text(encoding="utf-8")
            lines.append(f"### {heading}\n\n```{{eval-rst}}\n{text.strip()}\n```\n")
            for path, label in files:
                said = next((said for name, said in known if "{" not in name and fnmatchcase(path, name)), "")
                lines.append(f"- `{path}`: {said or name_of(path, label)}")
            lines.append("")
    return "\n".join(lines)


def gather(folder: Path) -> None:
    """Put all pages of the site into an empty folder."""
    for pattern in COPIED:
        for path in ROOT.glob(pattern):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = re.sub(
        r"^\[!\[.*https://img\.shields\.io.*\n", "", readme, flags=re.M
    )  # badges come from another computer
    (folder / "index.md").write_text(f"{readme}\n{navigation()}", encoding="utf-8")
    (folder / "docs" / "tables_and_figures.md").write_text(tables_and_figures(), encoding="utf-8")


def build(target: Path) -> str:
    """Build the site into a folder, which is replaced; gives Sphinx's warnings, each of which is a mistake ("" if there is none)."""
    pages, new = target.with_name(f"{target.name}-pages"), target.with_name(f"{target.name}-new")
    for folder in (pages, new):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    gather(pages)
    command = [sys.executable, "-m", "sphinx", "--quiet", "-nW", "--keep-going", "-c", ROOT / "docs"]
    command += ["-d", pages / ".read", pages, new]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if not done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    for folder in (pages, new):
        shutil.rmtree(folder, ignore_errors=True)
    return done.stderr.strip().replace(f"{pages}/", "") if done.returncode else ""


if __name__ == "__main__":
    if wrong := build(ROOT / "build" / "site"):
        sys.exit(f"ERROR: the site was not built:\n{wrong}")
    print("Open build/site/index.html.")
