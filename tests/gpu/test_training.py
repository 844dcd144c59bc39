"""Training on a GPU: every precision, resumed bit for bit, checked beforehand, and what it leaves is for any machine."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

import auralflow
from auralflow import train
from auralflow.checkpoints import load_model, read_checkpoint
from auralflow.errors import AuralflowError, TrainingError
from auralflow.models import create
from auralflow.training.module import SeparationModule
from auralflow.training.repeating import same_bits
from tests.cli.program import Program
from tests.training.comparing import assert_same
from tests.training.conftest import TINY
from tests.training.test_resuming import _stop_at

ON_GPU = {**TINY, "cuda": True}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "UNetSpec": {},
    "UNetRecurrentSpec": {},
    "UNetVAESpec": {},
    "UNetAudio": {},
    "UNetRecurrentAudio": {},
    "UNetVAEAudio": {},
    "OpenUnmix": {"max_layers": 1},
    "Demucs": {"init_features": 8},
    "HDemucs": {"max_layers": 4, "init_features": 8, "hop_length": 64},
    "HTDemucs": {
        "init_features": 16,
        "num_fft": 128,
        "window_size": 128,
        "hop_length": 32,
        "transformer": {"layers": 3, "heads": 2},
    },
    "SpleeterUNet": {},
}


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
@pytest.mark.parametrize("optim", ["adam", "adamw", "sgd", "radam"])
def test_every_precision_learns_with_every_optimiser(
    songs: Path, precision: str, clip_norm: float, optim: str
) -> None:
    recipe: dict[str, Any] = {
        "precision": precision,
        "clip_norm": clip_norm,
        "optim": optim,
        "ema": 0.5,
    }
    run = train(name="net", data=songs, epochs=3, lr=0.003, **recipe, **ON_GPU)
    losses = [record["train_loss"] for record in run.history]
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < losses[0]
    assert all(math.isfinite(record["valid_sdr"]) for record in run.history)
    assert all(tensor.device.type == "cpu" for tensor in read_checkpoint(run.latest).state.values())
    assert next(load_model(run.latest, cuda=False).parameters()).device.type == "cpu"
    assert next(load_model(run.latest).parameters()).device.type == "cuda"


@pytest.mark.parametrize("base", ARCHITECTURES)
def test_two_runs_are_one_bit_for_bit_whatever_the_workers(songs: Path, base: str) -> None:
    own = {**ON_GPU, **ARCHITECTURES[base], "base": base, "targets": ["vocals", "drums"]}
    runs = [
        train(name=f"net{workers}", data=songs, epochs=2, **{**own, "workers": workers})
        for workers in (0, 2)
    ]
    assert_same(runs[0].latest, runs[1].latest)


@pytest.mark.parametrize("base", ARCHITECTURES)
def test_a_step_of_a_larger_network_has_the_same_gradients_each_time(base: str) -> None:
    # Small ones often have them by chance.
    signal = {"sample_rate": 8000, "num_fft": 256, "window_size": 256, "hop_length": 128}
    sizes = {"max_layers": 2, **signal, **ARCHITECTURES[base], "init_features": 16}
    network = create(base, targets=("vocals", "drums"), channels=2, **sizes).cuda().train()
    mixture = 0.1 * torch.randn(4, 2, 40_000, device="cuda")
    found = []
    for _ in range(4):
        torch.manual_seed(0)
        network.zero_grad()
        with same_bits():
            estimate = network.estimate(mixture)
            truth = network.reference(torch.stack([mixture] * 2, 1))
            (estimate.values - truth).abs().mean().backward()
        found.append([w.grad.clone() for w in network.parameters() if w.grad is not None])
    for other in found[1:]:
        assert all(torch.equal(*pair) for pair in zip(found[0], other, strict=True))


def test_an_operation_that_has_no_repeatable_kernel_is_told_of(
    songs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = SeparationModule.training_step

    def step(self: Any, batch: Any, batch_idx: int) -> torch.Tensor:
        loss = real(self, batch, batch_idx)
        mirrored = torch.nn.functional.pad(loss.expand(1, 1, 4), (2, 2), mode="reflect")
        return loss + 0 * mirrored.sum()

    monkeypatch.setattr(SeparationModule, "training_step", step)
    assert train(name="net", data=songs, epochs=1, **ON_GPU).steps == 4
    assert "no kernel of reflection_pad1d_backward" in caplog.text
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"precision": "bfloat16", "clip_norm": 0.5},
        {"precision": "float16", "ema": 0.9, "accumulate": 2},
        {"schedule": {"name": "cosine", "warmup_steps": 3}, "augment": {"reverb": {"probability": 0.5}}},
        {"base": "HTDemucs", **ARCHITECTURES["HTDemucs"], "workers": 2},
    ],
    ids=["plain", "bfloat16", "float16", "reverb", "HTDemucs"],
)  # fmt: skip
@pytest.mark.parametrize("step", [2, 5])
def test_a_resumed_run_is_the_undisturbed_one(
    songs: Path, step: int, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**ON_GPU, **recipe}
    whole = train(name="whole", data=songs, epochs=3, **settings)
    with monkeypatch.context() as patch:
        _stop_at(step, patch)
        assert train(name="parts", data=songs, epochs=3, **settings).interrupted
    assert_same(whole.latest, train("parts", data=songs, epochs=3, resume=True).latest)


@pytest.mark.filterwarnings("ignore")  # torch.compile's own, which differ from version to version
@pytest.mark.parametrize("keys", [{"compile": True}, {"recompute_activations": True}], ids=str)
def test_compiled_and_recomputed_networks_learn_the_same(songs: Path, keys: dict[str, Any]) -> None:
    # A compiled network draws other numbers, so that nothing is left out.
    settings = {**ON_GPU, "num_dropouts": 0}
    plain = train(name="plain", data=songs, epochs=2, **settings)
    other = train(name="other", data=songs, epochs=2, **keys, **settings)
    for one, two in zip(plain.history, other.history, strict=True):
        assert two["train_loss"] == pytest.approx(one["train_loss"], rel=1e-3)
        assert two["valid_sdr"] == pytest.approx(one["valid_sdr"], abs=0.05)


def _flags(**keys: Any) -> list[str]:
    settings = {**TINY, **keys}
    plain = {key: value for key, value in settings.items() if not isinstance(value, bool)}
    return [
        word for key, value in plain.items() for word in (f"--{key.replace('_', '-')}", str(value))
    ]


def test_a_check_finds_the_largest_batch_and_it_can_be_trained_with(
    songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Much for one chunk, so that few fit: a U-Net of 64 features on ten seconds.
    heavy = {"chunk_size": 10.0, "init_features": 64, "max_layers": 4, "load_size": 4096}
    words = ["check", "--name", "net", "--data", str(songs), "--json", *_flags(**heavy)]
    outcome = Program(capsys)(*words)
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert torch.cuda.get_device_name() in found["device"]
    largest = found["largest_batch"]
    assert largest > 2
    settings = {**ON_GPU, **heavy, "batch_size": largest, "load_size": 2 * largest}
    assert train(name="net", data=songs, epochs=1, **settings).steps == 2
    torch.cuda.empty_cache()
    over = 2 * largest
    with pytest.raises(TrainingError, match=rf"with batch-size {over}, and one with (\d+) fits"):
        train(
            name="over", data=songs, epochs=1, **settings | {"batch_size": over, "load_size": over}
        )
    torch.cuda.empty_cache()
    assert train(name="after", data=songs, epochs=1, **ON_GPU).steps == 4


def test_more_gpus_than_there_are_is_one_sentence(songs: Path) -> None:
    count = torch.cuda.device_count()
    with pytest.raises(AuralflowError, match=rf"num-gpus is {count + 1}, and .* {count}"):
        train(name="net", data=songs, epochs=1, num_gpus=count + 1, **ON_GPU)


def test_what_was_trained_is_evaluated_alike_on_both(songs: Path) -> None:
    run = train(name="net", data=songs, epochs=1, **ON_GPU)
    found = []
    for cuda in (True, False):
        auralflow.evaluate(run.folder, data=songs, save=f"cuda-{cuda}", cuda=cuda)
        found.append(_numbers(json.loads(Path(f"cuda-{cuda}/metrics.json").read_text())))
    one, other = found
    assert one.keys() == other.keys()
    assert one == pytest.approx(other, abs=0.01, nan_ok=True)


def _numbers(value: Any, path: str = "") -> dict[str, float]:
    """The decibels of a results file, by where they stand."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        inner = [_numbers(each, f"{path}/{key}") for key, each in value.items()]
        return {key: number for part in inner for key, number in part.items()}
    return {path: value} if isinstance(value, float) and "second" not in path else {}
