import shutil
from pathlib import Path
from typing import Any

import pytest

from auralflow.config import Layer, read_config_file
from auralflow.settings import read_settings
from tests.docs.pages import LANGUAGES, PAGES, Block, blocks_of, text_of
from tests.docs.running import run_block

_NEEDS_STUDY = "<!-- page: has a session study with a trained model vocals -->"
_RUN = [page for page in PAGES if any(block.is_run for block in blocks_of(page))]


@pytest.mark.parametrize("page", _RUN)
def test_what_a_page_tells_to_run_runs_in_its_order(
    page: str, desk: Path, request: pytest.FixtureRequest
):
    if _NEEDS_STUDY in text_of(page):
        shutil.copytree(request.getfixturevalue("study"), desk / "study")
    names: dict[str, Any] = {"__name__": page}
    for block in blocks_of(page):
        if block.is_run:
            run_block(block, names)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_has_a_language_and_a_directive_that_is_understood(page: str):
    for block in blocks_of(page):
        assert block.language in LANGUAGES, f"{page}:{block.line}"
        assert block.directive_is_understood, f"{page}:{block.line}: {block.directive}"


@pytest.mark.parametrize("page", PAGES)
def test_no_comment_for_the_tests_is_misspelt_or_stands_where_no_block_follows(page: str):
    used = sum(bool(block.directive) for block in blocks_of(page))
    assert text_of(page).count("snippet:") == used
    assert text_of(page).count("<!-- page:") == text_of(page).count(_NEEDS_STUDY)


_SETTINGS = [
    block
    for page in PAGES
    for block in blocks_of(page)
    if block.language == "yaml" and not block.text.startswith("datasets:")
]


@pytest.mark.parametrize("block", _SETTINGS, ids=lambda block: f"{block.page}:{block.line}")
def test_settings_shown_in_yaml_are_settings(block: Block, tmp_path: Path):
    file = tmp_path / "shown.yaml"
    file.write_text(block.text)
    assert read_settings([Layer(block.page, read_config_file(file))]).origins
