"""The page about losses."""

import re
from pathlib import Path

import pytest

from auralflow.losses import LOSSES

_ROWS = [
    line
    for line in (Path(__file__).parents[2] / "docs" / "losses.md").read_text("utf-8").splitlines()
    if line.startswith("| `")
]


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_has_a_row_in_the_table(name):
    assert any(f"`{name}`" in row.split("|")[1] for row in _ROWS)


def test_the_table_has_no_other_losses():
    named = {name for row in _ROWS for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    assert named == set(LOSSES)
