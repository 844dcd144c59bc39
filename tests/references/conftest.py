"""The reference packages, without what they only import: `make references` installs them beside the project."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / ".references"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, so that the ordinary run leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.references)


@pytest.fixture(autouse=True, scope="session")
def _packages() -> None:
    if not PACKAGES.is_dir():
        pytest.fail(f"{PACKAGES} is not there: run `make references` first")
    sys.path.append(str(PACKAGES))
    # openunmix imports torchaudio for reading files only, and the real one loads a CUDA build's libraries.
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
