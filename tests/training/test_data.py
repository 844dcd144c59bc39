"""What training makes of its data: sums as targets, augmentation, broken files."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow.checkpoints import read_checkpoint
from auralflow.datasets.synthetic import write_songs
from auralflow.errors import ConfigError, DataError
from auralflow.evaluation import evaluate
from auralflow.training import train
from auralflow.training.module import SeparationModule
from tests.training.conftest import TINY


@pytest.fixture
def flac(tmp_path: Path) -> Path:
    root = tmp_path / "flac"
    write_songs(root, songs=range(6), seconds=3, sample_rate=8000)
    import soundfile

    for path in root.rglob("*.wav"):
        audio, rate = soundfile.read(path, dtype="int16")
        soundfile.write(path.with_suffix(".flac"), audio, rate)
        path.unlink()
    return root


def test_a_sum_of_stems_is_a_target_and_is_measured_as_one(songs: Path) -> None:
    stems = {"accompaniment": ["drums", "bass", "other"]}
    result = train(
        name="net",
        data=songs,
        epochs=1,
        targets=["accompaniment", "vocals"],
        stems=stems,
        **TINY,
    )
    assert read_checkpoint(result.latest).targets == ("accompaniment", "vocals")
    evaluation = evaluate("net", data=songs, split="valid")
    assert set(evaluation.summary.totals) == {"accompaniment", "vocals"}


def test_overlapping_targets_are_learnt_from_the_sum_of_their_stems(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[torch.Tensor, torch.Tensor]] = []
    real = SeparationModule._targets

    def spy(self: SeparationModule, stems: torch.Tensor) -> torch.Tensor:
        targets = real(self, stems)
        heard.append((stems, targets))
        return targets

    monkeypatch.setattr(SeparationModule, "_targets", spy)
    train(
        name="net",
        data=songs,
        epochs=1,
        targets=["band", "drums"],
        stems={"band": ["drums", "bass", "other"]},
        **TINY,
    )
    stems, targets = heard[0]
    # The stems are bass + other, drums, vocals.
    assert stems.shape[1] == 3
    assert torch.equal(targets[:, 0], stems[:, 0] + stems[:, 1])
    assert torch.equal(targets[:, 1], stems[:, 1])


@pytest.mark.parametrize(
    "augment",
    [
        {"gain": {"probability": 1.0}, "drop_stem": {"probability": 0.5}},
        {"equalizer": {"probability": 1.0}, "reverb": {"probability": 0.5}},
        {"remix": {"probability": 1.0, "group": 2}, "time_shift": {"probability": 1.0, "seconds": 0.1}},
        {"band_limit": {"probability": 1.0, "low_hz": 1000.0, "high_hz": 3000.0}, "clip_mixture": {"probability": 1.0}},
        {"swap_channels": {"probability": 1.0}, "flip_polarity": {"probability": 1.0}},
        {"tempo": {"probability": 0.5}, "pitch": {"probability": 0.5}},
    ],
)  # fmt: skip
def test_every_augmentation_trains_and_changes_the_training(
    songs: Path, augment: dict[str, Any]
) -> None:
    plain = train(name="plain", data=songs, epochs=1, mono=False, **TINY)
    changed = train(name="changed", data=songs, epochs=1, mono=False, augment=augment, **TINY)
    loss = [result.history[0]["train_loss"] for result in (plain, changed)]
    assert loss[0] != loss[1]
    assert loss[1] < 1


def test_chunks_where_a_target_sounds_can_be_asked_for(songs: Path) -> None:
    plain = train(name="plain", data=songs, epochs=1, **TINY)
    sounding = train(name="sounding", data=songs, epochs=1, sounding=1.0, **TINY)
    assert plain.history[0]["train_loss"] != sounding.history[0]["train_loss"]
    with pytest.raises(ConfigError, match=r"sounding-weights names drums, which is no target"):
        train(name="x", data=songs, epochs=1, sounding=1.0, sounding_weights={"drums": 2.0}, **TINY)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_file_that_breaks_while_training_runs_is_told_and_training_goes_on(
    flac: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    broken = break_when_training_starts(flac, monkeypatch, count=1)
    options = {**TINY, "workers": workers, "load_size": 64, "split": 0.2, "store": "off"}
    result = train(name="net", data=flac, epochs=1, **options)
    assert len(result.history) == 1
    messages = [record.message for record in caplog.records if "goes on without" in record.message]
    assert len(messages) == 1
    assert str(broken[0]) in messages[0]


def test_training_stops_where_too_many_break(flac: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_when_training_starts(flac, monkeypatch, count=3)
    options = {**TINY, "load_size": 64, "split": 0.0, "store": "off"}
    with pytest.raises(
        DataError, match=r"2 files broke while training ran, more than max-broken, which is 1"
    ):
        train(name="net", data=flac, epochs=1, max_broken=1, **options)


def break_when_training_starts(
    root: Path, monkeypatch: pytest.MonkeyPatch, *, count: int
) -> list[Path]:
    """Cut off a file in so many songs of those that are trained on, once everything has been looked through."""
    real = SeparationModule.on_train_start
    broken: list[Path] = []

    def start(self: SeparationModule) -> None:
        real(self)
        chunks = self.trainer.datamodule._chunks  # type: ignore[attr-defined]
        for track in chunks.tracks[:count]:
            (recording,) = track.stems["vocals"]
            os.truncate(recording.path, recording.path.stat().st_size // 3)
            broken.append(recording.path)

    monkeypatch.setattr(SeparationModule, "on_train_start", start)
    return broken
