"""An evaluation as a page to listen to."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from auralflow.audio import read
from auralflow.evaluation import compare, evaluate
from auralflow.evaluation.lineup import line_up
from auralflow.listening import _excerpt, write_listening_page
from auralflow.separation import separate
from auralflow.training.excerpts import Span
from tests.evaluation.conftest import RATE, make_model
from tests.evaluation.conftest import songs as songs  # noqa: PLC0414  (a fixture)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)


def test_a_page_has_numbers_of_all_tracks_and_players_for_some(tmp_path, songs):
    models = [make_model(tmp_path / "a"), make_model(tmp_path / "b", seed=1)]
    result = compare(models, data=songs, oracles="mixture")
    seen = []
    page = write_listening_page(
        tmp_path / "page.html",
        result,
        models=models,
        data=songs,
        oracles="mixture",
        songs=2,
        seconds=0.5,
        progress=lambda done, total, name: seen.append((done, total, name)),
    )
    text = page.read_text(encoding="utf-8")
    assert [entry[:2] for entry in seen] == [(0, 2), (1, 2)]
    for track in result.evaluations[0].tracks:
        assert track.name in text
    assert text.count('<section class="track"') == 2


def test_excerpts_are_the_same_stretch_of_mixture_truth_and_estimate(tmp_path, songs):
    model = make_model(tmp_path / "net")
    lineup = line_up([model], data=songs)
    blocks, track = lineup.entries[0].contender.open(), lineup.tracks[0]
    mixture, (truth,), (estimate,) = _excerpt(blocks, track, Span(RATE // 2, RATE))
    whole = read(track.stems["vocals"][0].path)
    song = np.sum([read(parts[0].path) for parts in track.stems.values()], axis=0)
    np.testing.assert_allclose(truth, whole[:, RATE // 2 : RATE], atol=1e-4)
    separated = separate(model, song, sample_rate=RATE)["vocals"]
    np.testing.assert_allclose(estimate, separated[:, RATE // 2 : RATE], atol=1e-5)
    np.testing.assert_allclose(mixture, song[:, RATE // 2 : RATE], atol=1e-5)


def test_one_evaluation_makes_a_page_too(tmp_path, songs):
    model = make_model(tmp_path / "net")
    result = evaluate(model, data=songs)
    page = write_listening_page(
        tmp_path / "new" / "page.html", result, models=[model], data=songs, songs=1, seconds=0.3
    )
    assert "net" in page.read_text(encoding="utf-8")


def test_the_command_writes_it_beside_the_results(auralflow, tmp_path, songs):
    model = make_model(tmp_path / "net")
    page = ["--report", "page.html", "--report-tracks", "0"]
    outcome = auralflow("evaluate", model, "--data", songs, *page)
    assert outcome.code == 0
    assert "Numbers and excerpts to listen to: page.html" in outcome.out
    assert json.loads((model / "metrics.json").read_text())["schema"] == 1
    assert Path("page.html").stat().st_size > 10_000
