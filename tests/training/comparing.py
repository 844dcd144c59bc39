"""Two checkpoints, of runs that should be the same."""

from pathlib import Path
from typing import Any

import torch

from auralflow.checkpoints import read_checkpoint


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{path}/{key}").items()}


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    return bool(one == other) or (one != one and other != other)


def assert_same(one: Path, other: Path) -> None:
    first, second = read_checkpoint(one), read_checkpoint(other)
    assert first.state.keys() == second.state.keys()
    for name, weights in first.state.items():
        assert torch.equal(weights, second.state[name]), name
    ours, theirs = (_flat((c.training or {})["optimizer_states"]) for c in (first, second))
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert _is_same(value, theirs[name]), name
    for key in ("own_weights", "lr_schedulers", "callbacks"):
        ours, theirs = (_flat((c.training or {}).get(key, {})) for c in (first, second))
        for name in ours.keys() | theirs.keys():
            # What is measured by the clock differs from run to run.
            if "seconds" not in name and "chunks_per_second" not in name:
                assert _is_same(ours[name], theirs[name]), f"{key}{name}"
    assert first.progress["step"] == second.progress["step"]
    assert first.progress["best"] == second.progress["best"]
    assert first.progress["best_epoch"] == second.progress["best_epoch"]
