"""The documents: links and named files exist, targets and variables are the Makefile's, messages are the program's."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from run_commands import checked, commands_of, makefile_names  # noqa: E402

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "config" / "README.md"]
SOURCES = [*(ROOT / "workflow_scripts").rglob("*.py"), *(ROOT / "rules").rglob("*.smk"), ROOT / "Snakefile"]


def anchors(page: Path) -> set[str]:
    """Anchors that GitHub makes of a page's headings."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_of_the_project_exist(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for name in re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|md|smk|yaml|rst|ipynb|tsv))`", text):
        first = name.split("/")[0]
        if first in ("rules", "docs", "workflow_scripts", "envs", "profiles", "tests", "notebooks", "benchmarks"):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
        if first == "vhi":
            assert (ROOT / "workflow_scripts" / name).exists(), f"{page.name}: {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_those_of_the_makefile(page):
    targets, variables = makefile_names((ROOT / "Makefile").read_text())
    for command in commands_of(page.read_text()):
        assert not (wrong := checked(command, targets, variables)), f"{page.name}: {command}: {wrong}"


def test_a_wrong_command_is_found():
    targets, variables = makefile_names((ROOT / "Makefile").read_text())
    assert {"demo", "test", "report"} <= targets
    assert {"STUDY", "DATA", "VARIANT"} <= variables
    assert checked("make demmo", targets, variables) == "no target 'demmo'"
    assert checked("make run STUDIE=demo", targets, variables) == "no variable 'STUDIE'"
    text = (
        "```sh\nmake paper \\\n  DATA=x # a comment\n```\n`make run` `make run STUDY=NAME`\n"
        "```sh\nmake a ; make b\n```\n```\nno command\n```"
    )
    assert commands_of(text) == ["make paper DATA=x", "make run STUDY=NAME", "make a", "make b"]


def messages() -> str:
    """Every text in the code, pieces of one message side by side."""
    found = []
    for path in SOURCES:
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
        else:
            found.append(path.read_text())
    return "\n".join(found)


def test_the_questions_are_made_of_the_messages():
    text = (ROOT / "docs" / "faq.md").read_text()
    asked = re.findall(r"^### (.*)$", text, re.M)
    known = messages()
    ours = [question for question in asked if not question[0].isupper() or question == "Waiting for"]
    assert len(ours) >= 12
    for question in ours:
        assert question in known, question


def test_every_assumption_is_listed():
    marked = Counter()
    for folder in ("rules", "workflow_scripts", "config"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".smk", ".yaml"):
                name = str(path.relative_to(ROOT)).removeprefix("workflow_scripts/")
                marked[name] += len(re.findall(r"# ASSUME", path.read_text()))
    listed = Counter(re.findall(r"^\| `([\w/.]+)` \| .* \|$", (ROOT / "docs" / "methods.md").read_text(), re.M))
    assert {name: count for name, count in marked.items() if count} == dict(listed)


def outputs_of_rules() -> set[str]:
    """Folder and name, without wildcards' values, of every output that a rule declares."""
    found = set()
    for path in (ROOT / "rules").glob("*.smk"):
        for body in re.split(r"^rule \w+:\n", path.read_text(), flags=re.M)[1:]:
            declared = re.search(r"^    output:\n(.*?)^    \w+:", body, re.S | re.M)
            found |= set(re.findall(r"<results>/([^\"]+)\"", declared[1] if declared else ""))
    return found


def test_every_output_is_explained():
    text = (ROOT / "docs" / "outputs.md").read_text()
    missing = []
    for output in sorted(outputs_of_rules()):
        folder, _, name = output.rpartition("/")
        words = [word for word in re.split(r"\{\w+\}|[/_]|\.(?:nii\.gz|\w+)$", name) if len(word) > 2]
        step = folder.split("/")[0] if folder else name
        if step not in text or not all(word in text for word in words):
            missing.append(output)
    assert not missing
