"""Reading and writing what reference implementations answered."""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

__all__ = ["golden", "keep_or_compare"]

_FOLDER = Path(__file__).parent / "golden"


def golden(name: str) -> Tensor:
    """The stored output of a case."""
    with np.load(_FOLDER / f"{name}.npz") as file:
        return torch.from_numpy(file["output"])


def keep_or_compare(name: str, output: Tensor) -> None:
    """Check a reference's output against the stored one, or store it where AURALFLOW_WRITE_GOLDENS is set."""
    if os.environ.get("AURALFLOW_WRITE_GOLDENS"):
        np.savez_compressed(_FOLDER / f"{name}.npz", output=output.detach().float().numpy())
    stored = golden(name)
    assert stored.shape == output.shape
    assert (stored - output).abs().max() <= 1e-5 * output.abs().max()
