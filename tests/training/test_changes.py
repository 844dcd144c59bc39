"""Resuming with other settings: all are named, the network's and the optimiser's refused, the others in force."""

import logging
from pathlib import Path

import pytest

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.datasets.synthetic import write_songs
from auralflow.errors import CheckpointError
from tests.training.conftest import TINY


def _groups(latest: Path) -> list[dict[str, float]]:
    training = read_checkpoint(latest).training
    assert training is not None
    groups: list[dict[str, float]] = training["optimizer_states"][0]["param_groups"]
    return groups


def test_every_changed_key_is_listed_and_those_of_the_draw_are_warned_of(songs, caplog):
    train(name="model", data=songs, epochs=1, **TINY)
    caplog.set_level(logging.INFO)
    train("model", data=songs, resume=True, epochs=2, lr=0.01, random_mix=0.5, batch_size=4)
    told = caplog.text
    for line in (
        "epochs was 1 and is 2",
        "lr was 0.001 and is 0.01",
        "random-mix was 0.0 and is 0.5",
        "batch-size was 2 and is 4",
    ):
        assert f"  {line}\n" in told
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].endswith("have changed: random-mix; batch-size")


def test_nothing_is_told_where_nothing_has_changed_but_the_end(songs, caplog):
    train(name="model", data=songs, epochs=1, **TINY)
    train("model", data=songs, resume=True, epochs=2)
    assert not [entry for entry in caplog.records if entry.levelname == "WARNING"]


def test_tracks_that_came_and_went_are_named(songs, tmp_path, caplog):
    other = tmp_path / "other"
    write_songs(other / "train", songs=[0, 1, 2, 7], seconds=3, sample_rate=8000)
    write_songs(other / "valid", songs=range(10, 12), seconds=3, sample_rate=8000)
    train(name="model", data=songs, epochs=1, **TINY)
    train("model", data=other, resume=True, epochs=2)
    (gone,) = {path.name for path in (songs / "train").iterdir()} - {
        path.name for path in (other / "train").iterdir()
    }
    assert f"tracks to train on that are gone: {gone}" in caplog.text
    assert "tracks to train on that are new: " in caplog.text
    assert "to validate on that" not in caplog.text


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_rate_decay_and_momentum_of_the_flags_are_in_force(songs, schedule):
    options = {**TINY, "optim": "sgd", "momentum": 0.5, "weight_decay": 0.1}
    options["schedule"] = {"name": schedule}
    one = train(name="one", data=songs, epochs=2, lr=0.001, **options)
    train(name="two", data=songs, epochs=1, lr=0.001, **options)
    two = train("two", data=songs, epochs=2, resume=True, lr=0.004, momentum=0.8, weight_decay=0.2)
    for before, after in zip(_groups(one.latest), _groups(two.latest), strict=True):
        assert after["lr"] == pytest.approx(4 * before["lr"])
        assert after["momentum"] == 0.8
        assert after["weight_decay"] == 2 * before["weight_decay"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"optim": "sgd"}, "optim was adam and is sgd"),
        ({"weight_decay": 0.1}, r"weight-decay was 0\.0 and is 0\.1"),
        ({"freeze": "unet.encoder.*"}, "freeze was .* and is"),
    ],
    ids=str,
)
def test_what_the_optimisers_memory_does_not_fit_is_refused(songs, change, told):
    train(name="model", data=songs, epochs=1, **TINY)
    with pytest.raises(
        CheckpointError, match=rf"remembers under other settings \({told}.*start-from"
    ):
        train("model", data=songs, resume=True, epochs=2, **change)


def test_all_changes_of_the_network_are_named_at_once(songs):
    train(name="model", data=songs, epochs=1, **TINY)
    with pytest.raises(CheckpointError) as caught:
        train("model", data=songs, resume=True, init_features=4, max_layers=1, num_fft=128,
              window_size=128, hop_length=64)  # fmt: skip
    for key in ("init-features", "max-layers", "num-fft", "window-size", "hop-length"):
        assert f"{key} was " in str(caught.value)
