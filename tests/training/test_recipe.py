"""Optimisers, schedules, the average of the weights, skipped steps, weights to begin with."""

import copy
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from auralflow.audio import read
from auralflow.checkpoints import load_model, read_checkpoint
from auralflow.errors import CheckpointError, ConfigError, DataError, TrainingError
from auralflow.settings import TrainConfig
from auralflow.settings.train import ScheduleConfig
from auralflow.training import train
from auralflow.training.module import SeparationModule
from auralflow.training.optimisers import create_optimiser
from auralflow.training.replay import replay
from auralflow.training.schedules import factor_at
from tests.models.networks import PARAMS, network
from tests.training.conftest import STEPS_PER_EPOCH, TINY


def factors(steps: int, steps_per_epoch: int = 10, **options: Any) -> list[float]:
    config = ScheduleConfig(**options)
    return [
        factor_at(config, step, steps=steps, steps_per_epoch=steps_per_epoch)
        for step in range(steps)
    ]


def test_constant_is_constant():
    assert factors(5) == [1.0] * 5


def test_warm_up_rises_evenly_to_the_whole_rate():
    assert factors(6, warmup_steps=3) == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_cosine_falls_by_half_a_period_to_its_final_share():
    # Over 4 steps after a warm-up of 1: angles 0, 45, 90 and 135 degrees.
    found = factors(5, name="cosine", warmup_steps=1, final=0.1)
    expected = [0.1 + 0.9 * 0.5 * (1 + math.cos(math.radians(angle))) for angle in (0, 45, 90, 135)]
    assert found == pytest.approx([0.5, *expected])


def test_step_multiplies_every_so_many_epochs():
    found = factors(8, steps_per_epoch=2, name="step", every=2, factor=0.5)
    assert found == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]


def test_one_cycle_rises_for_three_tenths_of_the_way_and_then_falls():
    found = factors(101, name="one-cycle", final=0.02)
    assert found[0] == pytest.approx(0.04)
    assert max(found) == pytest.approx(1.0, abs=1e-3)
    assert found.index(max(found)) in (30, 31)
    assert found[-1] == pytest.approx(0.02)
    assert all(one <= other for one, other in pairwise(found[:31]))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 3, 5)
        self.norm = nn.BatchNorm1d(3)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", "Adam"),
        ("adamw", "AdamW"),
        ("radam", "RAdam"),
        ("sgd", "SGD"),
        ("prodigy", "Prodigy"),
    ],
)
def test_the_optimiser_is_the_one_that_is_named(name, kind):
    config = TrainConfig(optim=name, lr=0.25, weight_decay=0.5)
    optimiser = create_optimiser(config, Net().named_parameters())
    assert type(optimiser).__name__ == kind
    assert {group["lr"] for group in optimiser.param_groups} == {0.25}


@pytest.mark.parametrize(
    ("keys", "is_fused"),
    [
        ({}, True),
        ({"clip_norm": 1.0}, True),
        ({"optim": "sgd"}, True),
        ({"optim": "radam"}, False),
        ({"precision": "bfloat16"}, True),
        ({"precision": "bfloat16", "clip_norm": 1.0}, False),
        ({"precision": "float16"}, False),
    ],
)
def test_steps_are_one_kernel_but_where_lightning_could_not_clip(keys, is_fused):
    config = TrainConfig.defaults().model_copy(update=keys)
    optimiser = create_optimiser(config, nn.Linear(2, 2).named_parameters())
    assert bool(optimiser.defaults.get("fused")) == is_fused


@pytest.mark.parametrize("case", PARAMS, ids=str)
def test_a_step_of_one_kernel_is_that_of_the_formula(case):
    torch.manual_seed(0)
    ours = network(case)
    theirs = copy.deepcopy(ours)
    config = TrainConfig.defaults().model_copy(update={"lr": 0.01})
    steps = [
        (ours, create_optimiser(config, ours.named_parameters())),
        (theirs, torch.optim.Adam(theirs.parameters(), lr=0.01, foreach=False, fused=False)),
    ]
    for number in range(3):
        for net, optimiser in steps:
            torch.manual_seed(number)
            for weights in net.parameters():
                weights.grad = torch.randn_like(weights)
            optimiser.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_reduced_precision_and_clipping_go_together(songs: Path) -> None:
    result = train(name="net", data=songs, epochs=1, precision="bfloat16", clip_norm=0.1, **TINY)
    assert result.steps == STEPS_PER_EPOCH


def test_norms_and_offsets_do_not_decay():
    net = Net()
    groups = create_optimiser(
        TrainConfig(optim="adamw", weight_decay=0.1), net.named_parameters()
    ).param_groups
    assert [group["weight_decay"] for group in groups] == [0.1, 0.0]
    (kernel,) = groups[0]["params"]
    assert kernel is net.conv.weight
    assert len(groups[1]["params"]) == 3


def test_frozen_weights_are_not_given_to_the_optimiser():
    net = Net()
    net.conv.requires_grad_(False)
    (group,) = create_optimiser(TrainConfig(), net.named_parameters()).param_groups
    assert len(group["params"]) == 2


def test_the_average_is_validated_saved_and_separates(songs: Path) -> None:
    result = train(name="net", data=songs, epochs=1, ema=0.5, **TINY)
    plain = train(name="plain", data=songs, epochs=1, **TINY)
    latest = read_checkpoint(result.latest)
    assert latest.training is not None
    own, plain_state = latest.training["own_weights"], read_checkpoint(plain.latest).state
    assert result.best is not None
    separates = dict(load_model(result.best, cuda=False).state_dict())
    name = "unet.encoder.0.before.0.weight"
    # The weights are learnt as without the average, and the average is another set.
    assert torch.equal(own[name], plain_state[name])
    assert not torch.equal(latest.state[name], own[name])
    assert torch.equal(separates[name], latest.state[name])
    assert result.history[0]["valid_loss"] != plain.history[0]["valid_loss"]


def test_the_average_is_that_of_the_formula(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    name = "unet.encoder.0.before.0.weight"
    real = SeparationModule.on_train_batch_start

    def spy(self: SeparationModule, *rest: Any) -> None:
        seen.append(self.model.state_dict()[name].cpu().clone())
        real(self, *rest)

    monkeypatch.setattr(SeparationModule, "on_train_batch_start", spy)
    result = train(name="net", data=songs, epochs=1, ema=0.3, **TINY)
    latest = read_checkpoint(result.latest)
    assert latest.training is not None
    seen.append(latest.training["own_weights"][name])
    average = seen[0]
    for step, weights in enumerate(seen[1:], start=1):
        decay = min(0.3, (1 + step) / (10 + step))
        average = decay * average + (1 - decay) * weights
    torch.testing.assert_close(latest.state[name], average)


def spoil(monkeypatch: pytest.MonkeyPatch, steps: set[int], factor: float) -> None:
    """Multiply the loss of some steps, counted from 0."""
    real = SeparationModule.training_step

    def spoilt(self: SeparationModule, batch: Any, batch_idx: int) -> torch.Tensor:
        loss = real(self, batch, batch_idx)
        return loss * factor if self.global_step in steps else loss

    monkeypatch.setattr(SeparationModule, "training_step", spoilt)


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_step_that_is_not_finite_is_skipped_counted_and_written_down(
    songs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, factor: float
) -> None:
    spoil(monkeypatch, {1, 3}, factor)
    result = train(name="net", data=songs, epochs=2, **TINY)
    assert result.steps == 2 * STEPS_PER_EPOCH
    for weights in read_checkpoint(result.latest).state.values():
        assert torch.isfinite(weights).all()
    lines = [json.loads(line) for line in Path("net/skipped-steps.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4]
    assert lines[0]["chunks"] == [[0, 2], [0, 3]]
    assert "Step 2 is skipped: its gradients are not finite" in caplog.text


def test_a_spike_is_skipped_where_a_limit_is_set(
    songs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(monkeypatch, {30}, 1e6)
    options = {**TINY, "load_size": 80}
    train(name="net", data=songs, epochs=1, guard={"spike": 100.0}, **options)
    assert "Step 31 is skipped: its gradients' norm is" in caplog.text
    assert len(Path("net/skipped-steps.jsonl").read_text().splitlines()) == 1


def test_too_many_skipped_steps_end_the_run_with_the_last_good_weights(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(name="net", data=songs, epochs=1, **TINY)
    before = read_checkpoint(Path("net/checkpoint/net_latest.pth"))
    spoil(monkeypatch, set(range(STEPS_PER_EPOCH, 99)), math.nan)
    with pytest.raises(TrainingError, match=r"3 steps had to be skipped, more than guard\.limit"):
        train("net", data=songs, epochs=2, resume=True, guard={"limit": 2})
    after = read_checkpoint(Path("net/checkpoint/net_latest.pth"))
    assert after.progress["step"] == before.progress["step"] == STEPS_PER_EPOCH


def test_gathered_gradients_are_those_of_the_larger_batch(songs: Path) -> None:
    # Batches of 2 twice are a batch of 4, and the mean of two means is the mean. Demucs has no norm over the batch and no
    # dropout here, whose draws would differ.
    options = {**TINY, "base": "demucs", "init_features": 4, "load_size": 8}
    one = train(name="one", data=songs, epochs=2, **{**options, "batch_size": 4})
    two = train(name="two", data=songs, epochs=2, accumulate=2, **options)
    assert one.steps == two.steps == 4
    ours, theirs = (read_checkpoint(run.latest).state for run in (one, two))
    for name, weights in ours.items():
        # On a GPU sums over a larger batch are in another order, and Adam makes steps of the smallest gradients.
        tolerance = 1e-4 if TINY["cuda"] else 1e-6
        torch.testing.assert_close(weights, theirs[name], atol=tolerance, rtol=0, msg=name)


def test_training_may_begin_with_the_weights_of_another(
    songs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = train(name="first", data=songs, epochs=1, **TINY)
    caplog.set_level("INFO")
    second = train(
        name="second",
        data=songs,
        epochs=1,
        targets=["vocals", "drums"],
        start_from="first",
        freeze=["unet.encoder.*"],
        **TINY,
    )
    assert "Beginning with" in caplog.text
    old, new = (read_checkpoint(run.latest).state for run in (first, second))
    learnt = [name for name in new if name.startswith("unet.encoder.") and "running" not in name]
    kept = [
        torch.equal(old[name], new[name])
        for name in learnt
        if old[name].is_floating_point() and old[name].ndim > 1
    ]
    assert kept
    assert all(kept)


def test_weights_that_fit_nothing_and_patterns_that_match_nothing_are_errors(songs: Path) -> None:
    train(name="first", data=songs, epochs=1, **TINY)
    with pytest.raises(CheckpointError, match="of which none fits this network"):
        train(name="x", data=songs, start_from="first", **{**TINY, "base": "openunmix"})
    with pytest.raises(ConfigError, match=r"freeze has encodr\.\*, which matches no weight"):
        train(name="x", data=songs, freeze=["encodr.*"], **TINY)
    with pytest.raises(ConfigError, match="so that nothing is learnt"):
        train(name="x", data=songs, freeze=["*"], **TINY)


def test_the_rate_falls_where_validation_does_not_improve(songs: Path) -> None:
    options = {**TINY, "lr": 1e-12}
    schedule = {"name": "plateau", "patience": 0, "factor": 0.5}
    result = train(name="net", data=songs, epochs=4, schedule=schedule, **options)
    training = read_checkpoint(result.latest).training
    assert training is not None
    (rate,) = training["lr_schedulers"][0]["_last_lr"]
    assert rate < 1e-12


def test_skipped_steps_can_be_heard(
    songs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: dict[tuple[int, int], torch.Tensor] = {}
    real = SeparationModule._targets

    def spy(self: SeparationModule, stems: torch.Tensor) -> torch.Tensor:
        heard.update(zip(self.chunks_of_step, stems.detach().cpu().clone(), strict=True))
        return real(self, stems)

    monkeypatch.setattr(SeparationModule, "_targets", spy)
    spoil(monkeypatch, {2}, math.nan)
    augment = {"gain": {"probability": 1.0}, "equalizer": {"probability": 0.5}}
    train(name="net", data=songs, epochs=1, augment=augment, **TINY)
    replayed = replay("net", data=songs, save=tmp_path / "out")
    assert [(entry.epoch, entry.index) for entry in replayed] == [(0, 4), (0, 5)]
    for entry in replayed:
        stems = heard[entry.epoch, entry.index]
        names = ("bass", "drums", "other", "vocals")
        files = [read(entry.folder / f"{name}.wav") for name in names]
        # The batch is not the same, so that sums of products may be taken in another order.
        torch.testing.assert_close(torch.from_numpy(np.stack(files)), stems, atol=1e-6, rtol=0)
        mixture = torch.from_numpy(read(entry.folder / "mixture.wav"))
        torch.testing.assert_close(mixture, stems.sum(0), atol=1e-6, rtol=0)
    other = replay("net", data=songs, save=tmp_path / "other", chunks=[(3, 17)])
    assert other[0].folder.name == "epoch 3 chunk 17"
    (Path("net") / "skipped-steps.jsonl").unlink()
    with pytest.raises(DataError, match="so no step was skipped: name chunks with --chunk"):
        replay("net", data=songs, save=tmp_path / "out")


def test_learning_rate_and_gradient_norm_are_logged(songs: Path) -> None:
    schedule = {"name": "cosine", "final": 0.0}
    options = {**TINY, "tensorboard": True, "load_size": 80}
    train(name="net", data=songs, epochs=1, schedule=schedule, **options)
    events = EventAccumulator("runs/net")
    events.Reload()
    rates = [event.value for event in events.Scalars("train/lr")]
    assert len(rates) == 4
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * rates[0]
    assert all(event.value > 0 for event in events.Scalars("train/gradient-norm"))
