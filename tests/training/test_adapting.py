"""Fine-tuning by changes of low rank."""

from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow.checkpoints import load_model, read_checkpoint
from auralflow.errors import CheckpointError, ConfigError
from auralflow.models.layers.low_rank import merged
from auralflow.training import TrainingResult, train
from tests.training.comparing import assert_same
from tests.training.conftest import STEPS_PER_EPOCH, TINY
from tests.training.test_resuming import _stop_at

ATTENTIVE: dict[str, Any] = {
    **TINY,
    "base": "htdemucs",
    "hop_length": 64,
    "init_features": 8,
    "transformer": {"layers": 2, "heads": 2},
    "load_size": 4,
}


@pytest.fixture
def old(songs: Path) -> TrainingResult:
    return train(name="old", data=songs, epochs=1, **ATTENTIVE)


def tuned(songs: Path, name: str = "new", **options: Any) -> TrainingResult:
    keys = {"epochs": 1, "start_from": "old", "lora": {"rank": 2}, "lr": 0.1}
    return train(name=name, data=songs, **{**ATTENTIVE, **keys, **options})


def is_change(name: str) -> bool:
    return ".parametrizations." in name and not name.endswith(".original")


def test_only_the_changes_are_learnt_and_everything_else_rests(
    songs: Path, old: TrainingResult
) -> None:
    before = read_checkpoint(old.latest).state
    latest = read_checkpoint(tuned(songs).latest)
    for name, weights in latest.state.items():
        if not is_change(name):
            plain = name.replace(".parametrizations", "").removesuffix(".original")
            assert torch.equal(weights, before[plain]), name
    ups = [value for name, value in latest.state.items() if name.endswith(".up")]
    # Two branches of two layers, each of which projects in and out.
    assert len(ups) == 8
    assert all(up.abs().max() > 0 for up in ups)
    # Two factors each, and nothing else, have a state in the optimiser.
    assert latest.training is not None
    assert len(latest.training["optimizer_states"][0]["state"]) == 16


def test_the_best_weights_are_those_of_the_plain_network(songs: Path, old: TrainingResult) -> None:
    result = tuned(songs)
    assert result.best is not None
    best, latest = (read_checkpoint(path) for path in (result.best, result.latest))
    assert best.state.keys() == read_checkpoint(old.latest).state.keys()
    # After one epoch both are the same weights, apart in one file and merged in the other.
    for name, weights in merged(latest.state).items():
        # Merged on the device that trained, and here on the processor.
        exact = 1e-6 if TINY["cuda"] else 0
        torch.testing.assert_close(best.state[name], weights, atol=exact, rtol=0)
    mixture = torch.randn(1, 1, 4000)
    with torch.no_grad():
        answers = [load_model(path, cuda=False)(mixture) for path in (result.best, result.latest)]
        torch.testing.assert_close(*answers)
        assert not torch.allclose(load_model(old.latest, cuda=False)(mixture), answers[0])


@pytest.mark.parametrize(
    "recipe",
    [{}, pytest.param({"ema": 0.5, "accumulate": 2}, marks=pytest.mark.slow)],
    ids=str,
)
def test_fine_tuning_resumes_bit_for_bit(
    songs: Path, old: TrainingResult, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    del old
    options = {"epochs": 2, "load_size": 8, **recipe}
    whole = tuned(songs, "whole", **options)
    with monkeypatch.context() as patch:
        _stop_at(1, patch)
        assert tuned(songs, "parts", **options).interrupted
    resumed = train("parts", data=songs, resume=True)
    assert_same(whole.latest, resumed.latest)
    with pytest.raises(CheckpointError, match=r"lora\.rank was 2 and is 3"):
        train("parts", data=songs, resume=True, epochs=3, lora={"rank": 3})


def test_patterns_choose_what_is_changed_and_what_is_learnt_whole(
    songs: Path, old: TrainingResult
) -> None:
    before = read_checkpoint(old.latest).state
    lora = {"rank": 1, "layers": ["*.linear1.weight"], "whole": ["decoder.*"]}
    after = read_checkpoint(tuned(songs, lora=lora).latest).state
    changed = {name.partition(".parametrizations")[0] for name in after if is_change(name)}
    assert len(changed) == 4
    assert all(name.endswith("linear1") for name in changed)
    learnt = {
        name for name in before if name in after and not torch.equal(before[name], after[name])
    }
    assert learnt
    assert all(name.startswith("decoder.") for name in learnt)


def test_new_heads_must_be_learnt_whole(songs: Path, old: TrainingResult) -> None:
    del old
    targets = ["vocals", "bass"]
    with pytest.raises(ConfigError, match=r"lora would keep \d+ weights at random values"):
        tuned(songs, targets=targets)
    lora = {"rank": 2, "whole": ["decoder.1.*", "tdecoder.1.*"]}
    result = tuned(songs, "heads", targets=targets, lora=lora)
    assert load_model(result.latest).targets == ("vocals", "bass")


def test_what_cannot_be_fine_tuned_is_said(songs: Path, old: TrainingResult) -> None:
    del old
    with pytest.raises(ConfigError, match="start-from is not set, so that random weights would"):
        tuned(songs, start_from=None)
    with pytest.raises(ConfigError, match=r"lora\.layers has linear9, which matches no weight"):
        tuned(songs, lora={"rank": 2, "layers": "linear9"})
    train(name="conv", data=songs, epochs=1, **TINY)
    with pytest.raises(ConfigError, match="lora is for layers of attention, and UNetSpec has none"):
        train(name="x", data=songs, start_from="conv", lora={"rank": 2}, **TINY)
    lora = {"rank": 2, "layers": "unet.encoder.*"}
    result = train(name="kernels", data=songs, epochs=1, start_from="conv", lora=lora, **TINY)
    assert result.steps == STEPS_PER_EPOCH
