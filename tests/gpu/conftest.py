"""These tests want a GPU; each has its own folder, and products as exact as the processor's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from auralflow.datasets.synthetic import write_songs
from tests.training.conftest import own_place

__all__ = ["own_place"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder has the marker `gpu`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.gpu)


@pytest.fixture(autouse=True)
def exact_products() -> Iterator[None]:
    """Not TensorFloat-32, in which convolutions are computed unless told otherwise: its products have ten bits."""
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no CUDA GPU")
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("songs")
    write_songs(root / "train", songs=range(4), seconds=3, sample_rate=8000)
    write_songs(root / "valid", songs=range(10, 12), seconds=3, sample_rate=8000)
    write_songs(root / "test", songs=range(20, 21), seconds=3, sample_rate=8000)
    return root
