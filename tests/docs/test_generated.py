"""Tables that follow from the code, and pages that must name everything of a kind."""

import re
import runpy
import tomllib

import pytest

import auralflow
from auralflow.settings import all_parameters
from tests.docs.pages import PAGES, ROOT, text_of

_GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("page", [page for page in PAGES if "<!-- generated:" in text_of(page)])
def test_generated_tables_are_what_the_code_says_now(page: str):
    assert _GENERATE["regenerated"](text_of(page)) == text_of(page), "run python docs/generate.py"


def test_every_generated_table_stands_on_some_page():
    placed = re.findall(r"<!-- generated: ([\w-]+) -->", "".join(map(text_of, PAGES)))
    assert sorted(placed) == sorted(_GENERATE["TABLES"])


def test_the_configuration_page_has_a_row_with_an_explanation_for_every_key():
    page = text_of("docs/configuration.md")
    for _, leaf in all_parameters():
        row = re.search(rf"^\| `{re.escape(leaf.key)}` \|.*$", page, re.MULTILINE)
        assert row is not None, leaf.key
        assert row[0].rsplit("|", 2)[1].strip(), leaf.key


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    page = text_of("docs/decisions/0001-dependencies.md")
    for requirement in wanted:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert f"`{name[0]}`" in page, name[0]


def test_the_changelog_has_this_version():
    assert f"## {auralflow.__version__}" in text_of("CHANGELOG.md")


@pytest.mark.parametrize("page", ["README.md", "docs/installation.md"])
def test_the_versions_that_are_required_are_those_of_the_package(page: str):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python = project["requires-python"].removeprefix(">=")
    (torch,) = (name[7:] for name in project["dependencies"] if name.startswith("torch>="))
    assert f"Python {python} or later" in text_of(page)
    assert f"PyTorch {torch} or later" in text_of(page)
