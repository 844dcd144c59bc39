"""The names of the losses, for configuration files; free of torch, so that `--help` is quick."""

from typing import Literal

__all__ = ["LossName"]

LossName = Literal["l1", "l2", "smooth-l1"]
