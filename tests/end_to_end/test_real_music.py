"""Real music, where AURALFLOW_REAL_DATA names the folder that has `musdb18-7s` in it."""

import os
from pathlib import Path

import pytest

from auralflow import evaluate, train
from auralflow.datasets.layouts import open_dataset

EXAMPLE = Path(__file__).parents[2] / "examples" / "musdb18-7s"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        "AURALFLOW_REAL_DATA" not in os.environ,
        reason="AURALFLOW_REAL_DATA names no folder of music",
    ),
]


@pytest.fixture
def clips() -> Path:
    return Path(os.environ["AURALFLOW_REAL_DATA"]) / "musdb18-7s"


def test_all_clips_are_found_with_their_four_stems(clips: Path) -> None:
    dataset = open_dataset(clips)
    assert len(dataset.tracks) == 94
    assert dataset.stem_names == ("bass", "drums", "other", "vocals")
    assert {track.samples for track in dataset.tracks} == {299_880}


def test_the_example_trains_and_holds_its_fourteen_clips_out(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    run = train(name="vocals", data=clips, load=EXAMPLE, epochs=1, load_size=16, init_features=2)
    evaluation = evaluate(run.folder, data=clips)
    assert len(evaluation.tracks) == 14
    assert evaluation.notes == ()
