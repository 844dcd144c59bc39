"""What the loggers get, and that an interruption leaves neither gaps nor points that are there twice."""

import csv
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from matplotlib.image import imread
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from auralflow import load_model, separate, train
from auralflow.audio import read
from auralflow.errors import ConfigError, MissingExtraError
from auralflow.training.loggers.examples import gain_within_full_scale
from auralflow.training.loggers.scalars import LogScalars
from auralflow.training.loggers.sound import clip_of
from auralflow.training.loggers.spread import spread_of
from auralflow.training.loggers.table import TableLog
from auralflow.training.stopping import StopOnSignal
from tests.training.conftest import TINY

LOGGED: dict[str, Any] = {
    **TINY,
    "loggers": ["tensorboard", "csv"],
    "load_size": 48,
    "log_audio_every": 2,
    "log_pictures_every": 0,
    "log_seconds": 1.0,
    "log_tracks": 1,
}
STEPS = 24
SOUNDS = ("estimate", "estimate-minus-truth", "truth")


class Killed(BaseException):
    pass


def events_of(folder: Path | str) -> EventAccumulator:
    everything = dict.fromkeys(("scalars", "images", "audio", "histograms", "tensors"), 0)
    events = EventAccumulator(str(folder), size_guidance=everything)
    events.Reload()
    return events


def series_of(folder: Path | str) -> dict[str, list[int]]:
    """The steps at which each name has a point."""
    events = events_of(folder)
    readers = {
        "scalars": events.Scalars,
        "audio": events.Audio,
        "images": events.Images,
        "histograms": events.Histograms,
    }
    return {
        name: [event.step for event in read_events(name)]
        for kind, read_events in readers.items()
        for name in events.Tags()[kind]
    }


def table_of(folder: Path | str) -> list[dict[str, str]]:
    with (Path(folder) / "metrics.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def without_clock(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {key: value for key, value in row.items() if not key.startswith("speed/")} for row in rows
    ]


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the process were gone after that step: nothing is closed, and nothing is flushed."""
    original = StopOnSignal.on_train_batch_end

    def die(self: Any, trainer: Any, *rest: Any) -> None:
        original(self, trainer, *rest)
        if trainer.global_step == step:
            raise Killed

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", die)


# After 10 steps, in the middle of a stretch without points; after points that the checkpoint does not have behind it.
@pytest.mark.parametrize(
    ("step", "minutes"), [(13, 1e-4), pytest.param(STEPS + 21, 0.0, marks=pytest.mark.slow)]
)
def test_a_killed_and_resumed_run_has_the_points_of_the_undisturbed_one(
    songs: Path, step: int, minutes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(name="whole", data=songs, epochs=2, log_histograms_every=2, **LOGGED)
    with monkeypatch.context() as patch:
        kill_at(step, patch)
        with pytest.raises(Killed):
            train(
                name="parts",
                data=songs,
                epochs=2,
                save_minutes=minutes,
                log_histograms_every=2,
                **LOGGED,
            )
    train("parts", data=songs, epochs=2, resume=True, save_minutes=minutes)
    whole, parts = series_of("runs/whole"), series_of("runs/parts")
    assert parts == whole
    assert whole["train/lr"] == [10, 20, 30, 40]
    assert whole["train/loss"] == whole["valid/loss"] == [STEPS, 2 * STEPS]
    assert without_clock(table_of("runs/parts")) == without_clock(table_of("runs/whole"))
    assert [int(row["step"]) for row in table_of("runs/parts")] == [10, 20, 24, 30, 40, 48]


@pytest.mark.parametrize("steps_per_epoch", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_a_run_killed_around_its_validation_has_each_point_once(
    songs: Path, steps_per_epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where steps are logged with their epoch, the histograms' gradients among them, and sounds within the validation."""
    options = {**LOGGED, "load_size": 2 * steps_per_epoch, "log_histograms_every": 1}
    train(name="whole", data=songs, epochs=3, **options)
    original = LogScalars.on_train_epoch_end

    def die(self: Any, trainer: Any, module: Any) -> None:
        original(self, trainer, module)
        if trainer.current_epoch == 1:
            self._logs.each(lambda log: log.flush())
            raise Killed

    with monkeypatch.context() as patch:
        # Everything of the epoch is logged, and its checkpoint is not written; but one of before the validation is.
        patch.setattr(LogScalars, "on_train_epoch_end", die)
        with pytest.raises(Killed):
            train(name="parts", data=songs, epochs=3, save_minutes=1e-4, **options)
    train("parts", data=songs, epochs=3, resume=True, save_minutes=0.0)
    assert series_of("runs/parts") == series_of("runs/whole")
    assert without_clock(table_of("runs/parts")) == without_clock(table_of("runs/whole"))


def test_a_new_start_does_not_keep_the_points_of_a_run_that_never_saved(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        kill_at(21, patch)
        with pytest.raises(Killed):
            train(name="net", data=songs, epochs=1, save_minutes=0.0, **LOGGED)
    assert [int(row["step"]) for row in table_of("runs/net")] == [10, 20]
    train("net", data=songs, epochs=1)
    assert [int(row["step"]) for row in table_of("runs/net")] == [10, 20, 24]
    assert series_of("runs/net")["train/lr"] == [10, 20]


def test_the_audio_is_what_separation_gives_where_the_targets_sound_most(songs: Path) -> None:
    run = train(name="net", data=songs, epochs=2, targets="vd", **LOGGED)
    events = events_of("runs/net")
    track = min(path.name for path in (songs / "valid").iterdir())
    heard = {
        name.removeprefix(f"{track}/"): soundfile.read(
            io.BytesIO(events.Audio(name)[0].encoded_audio_string), dtype="float32"
        )[0].T
        for name in events.Tags()["audio"]
    }
    assert set(heard) == {"mixture", *(f"{t}/{s}" for t in ("vocals", "drums") for s in SOUNDS)}
    truths = {name: read(songs / "valid" / track / f"{name}.wav") for name in ("vocals", "drums")}
    length = 8000
    shares = [np.square(stem).sum(0) / np.square(stem).sum() for stem in truths.values()]
    energy = np.convolve(np.sum(shares, 0), np.ones(length), "valid")
    # Stretches begin at tenths of a second.
    start = 800 * int(np.argmax(energy[::800]))
    part = slice(start, start + length)
    estimates = separate(
        load_model(run.latest, cuda=False), songs / "valid" / track / "mixture.wav"
    )
    for name, truth in truths.items():
        estimate = estimates[name][:, part]
        for kind, expected in zip(
            SOUNDS, (estimate, estimate - truth[:, part], truth[:, part]), strict=True
        ):
            # Half a step of 16 bits, and that the segments are batched differently.
            np.testing.assert_allclose(heard[f"{name}/{kind}"], expected, atol=1e-4)
    assert [event.value for event in events.Scalars(f"{track}/gain-db")] == [0.0]


def test_pictures_and_histograms_are_logged_when_they_are_due(songs: Path) -> None:
    options = {
        **LOGGED,
        "log_audio_every": 0,
        "log_pictures_every": 2,
        "log_histograms_every": 1,
        "load_size": 8,
    }
    run = train(name="net", data=songs, epochs=3, **options)
    events = events_of("runs/net")
    assert events.Tags()["audio"] == []
    pictures = events.Tags()["images"]
    assert sorted(name.split("/", 1)[1] for name in pictures) == [
        "vocals/spectrogram",
        "vocals/waveform",
    ]
    for name in pictures:
        (event,) = events.Images(name)
        assert event.step == 8
        shape = imread(io.BytesIO(event.encoded_image_string)).shape
        assert (event.width, event.height) == (shape[1], shape[0])
    weights = load_model(run.latest, cuda=False).state_dict()
    name = "unet.encoder.0.before.0.weight"
    assert [event.step for event in events.Histograms(f"gradients/{name}")] == [4, 8, 12]
    spread = events.Histograms(f"weights/{name}")[-1].histogram_value
    assert spread.num == weights[name].numel()
    assert spread.sum == pytest.approx(float(weights[name].sum()), abs=1e-5)


def test_mixture_and_truth_are_logged_once_and_the_estimate_every_time(songs: Path) -> None:
    options = {**LOGGED, "load_size": 8, "log_audio_every": 1}
    train(name="net", data=songs, epochs=2, **options)
    train("net", data=songs, epochs=3, resume=True)
    steps = {name.partition("/")[2]: steps for name, steps in series_of("runs/net").items()}
    assert steps["mixture"] == steps["vocals/truth"] == [4]
    assert steps["vocals/estimate"] == steps["vocals/estimate-minus-truth"] == [4, 8, 12]


def test_tracks_can_be_named_and_wrong_names_are_told_before_anything_is_written(
    songs: Path, own_place: Path
) -> None:
    last = max(path.name for path in (songs / "valid").iterdir())
    options = {**LOGGED, "load_size": 4, "log_audio_every": 1}
    train(name="net", data=songs, epochs=1, **{**options, "log_tracks": [last]})
    assert {name.split("/")[0] for name in events_of("runs/net").Tags()["audio"]} == {last}
    with pytest.raises(ConfigError, match=r"log-tracks has Nobody, but no validation track"):
        train(name="other", data=songs, **{**options, "log_tracks": "Nobody"})
    assert not (own_place / "other").exists()


def test_a_logger_that_is_none_or_not_installed_is_told_before_anything_is_written(
    songs: Path, own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"'wand' is no logger \(did you mean wandb\?\)"):
        train(name="net", data=songs, loggers="wand", **TINY)
    # A module that is None is one that cannot be found, whatever is installed here.
    for name in ("wandb", "mlflow"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingExtraError, match=rf'run pip install "auralflow\[{name}\]"'):
            train(name="net", data=songs, loggers=name, **TINY)
    assert not (own_place / "net").exists()


def test_a_logger_that_fails_is_told_once_and_training_goes_on(
    songs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(TableLog, "scalars", full)
    run = train(name="net", data=songs, epochs=2, **{**LOGGED, "log_tracks": 0})
    assert run.epochs == 2
    assert caplog.text.count("The logger csv failed (OSError: No space left on device)") == 1
    assert series_of("runs/net")["train/loss"] == [STEPS, 2 * STEPS]


def test_what_exceeds_full_scale_is_turned_down_with_everything_else() -> None:
    loud, quiet = np.array([[0.5, -2.0]]), np.array([[0.25, 0.1]])
    assert gain_within_full_scale([quiet, quiet]) == 1.0
    gain = gain_within_full_scale([quiet, loud])
    assert gain == 0.5
    samples, rate = soundfile.read(io.BytesIO(clip_of(gain * loud, 8000).wav), dtype="int16")
    assert (samples.tolist(), rate) == ([8192, -32767], 8000)


def test_a_histogram_counts_what_is_finite() -> None:
    spread = spread_of(torch.tensor([0.0, 1.0, 1.0, 2.0, torch.nan, torch.inf]))
    assert spread is not None
    assert (spread.counts.sum(), spread.total, spread.squares) == (4, 4.0, 6.0)
    assert (spread.edges[0], spread.edges[-1]) == (0.0, 2.0)
    constant = spread_of(torch.full((3,), 5.0))
    assert constant is not None
    assert constant.counts.sum() == 3
    assert spread_of(torch.tensor([torch.nan])) is None


class StandInRun:
    """What the logger uses of a wandb run; it takes rows as W&B does."""

    def __init__(self, identity: str, rows: dict[int, dict[str, Any]]) -> None:
        self.id, self.rows = identity, rows
        self.starting_step = max(rows, default=-1) + 1
        self.exit_code: int | None = None

    def log(self, values: dict[str, Any], *, step: int, commit: bool | None = None) -> None:
        assert step >= max(self.rows, default=0)
        self.rows.setdefault(step, {}).update(values)

    def finish(self, exit_code: int) -> None:
        self.exit_code = exit_code


def test_wandb_goes_on_with_the_run_of_before_and_takes_no_step_twice(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[StandInRun] = []
    started: list[dict[str, Any]] = []

    def init(**options: Any) -> StandInRun:
        started.append(options)
        runs.append(StandInRun(options["id"] or "abc", runs[-1].rows if runs else {}))
        return runs[-1]

    stand_in: Any = ModuleType("wandb")
    stand_in.init, stand_in.Error = init, type("Error", (Exception,), {})
    for kind in ("Audio", "Image", "Histogram"):
        setattr(stand_in, kind, lambda *_, kind=kind, **__: kind)
    monkeypatch.setitem(sys.modules, "wandb", stand_in)
    monkeypatch.delitem(sys.modules, "auralflow.training.loggers.weights_and_biases", False)
    options = {**LOGGED, "loggers": "wandb", "log_histograms_every": 1, "log_audio_every": 1}
    with monkeypatch.context() as patch:
        kill_at(STEPS + 21, patch)
        with pytest.raises(Killed):
            train(name="net", data=songs, epochs=2, save_minutes=0.0, **options)
    train("net", data=songs, epochs=2, resume=True)
    monkeypatch.delitem(sys.modules, "auralflow.training.loggers.weights_and_biases", False)
    assert [(run.id, run.exit_code) for run in runs] == [("abc", 1), ("abc", 0)]
    assert [options["id"] for options in started] == [None, "abc"]
    rows = runs[-1].rows
    assert [step for step, row in rows.items() if "epoch" in row] == [10, 20, 24, 30, 40, 48]
    assert {"Audio", "Histogram"} <= set(map(str, rows[STEPS].values()))
    assert started[0]["config"]["train.lr"] == "0.001"
