"""Evaluations from end to end: what is measured, on what, where it goes, and how one goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralflow import compare, evaluate
from auralflow.errors import ConfigError, DataError, ModelError, OutputError
from auralflow.evaluation.lineup import line_up
from auralflow.evaluation.measuring import Job, Station
from auralflow.evaluation.processes import in_processes
from auralflow.metrics import parse_metrics
from tests.evaluation.conftest import RATE, make_model


@pytest.fixture
def measured(monkeypatch):
    """The names of the tracks that are measured in this process, as they are."""
    names = []
    do = Station.do

    def noted(station, job):
        names.append(job.track.name)
        return do(station, job)

    monkeypatch.setattr(Station, "do", noted)
    return names


def test_each_model_gets_its_own_results_and_the_session_the_comparison(songs, model):
    other = make_model(model.parent / "other", seed=1, targets=("vocals", "drums"))
    comparison = compare([model, other], data=songs, oracles="irm", formats="csv")
    names = [evaluation.model for evaluation in comparison.evaluations]
    assert names == ["mixture", "net", "other", "IRM"]
    for folder, stem in ((model, "metrics"), (other, "metrics"), (model.parent, "comparison")):
        assert {f"{stem}.txt", f"{stem}.json"} <= {path.name for path in folder.iterdir()}
    assert (model.parent / "comparison.csv").is_file()
    alone = evaluate(model, data=songs)
    assert alone.tracks == comparison.evaluations[1].tracks
    record = json.loads((model.parent / "comparison.json").read_text())
    assert record["evaluations"][1]["tracks"][0]["targets"].keys() == {"vocals"}
    assert {d["against"] for d in record["differences"]} == {"net"}
    # The mixture gains nothing on itself.
    floor = comparison.evaluations[0].summary.totals["vocals"]["usdr"]
    assert floor.gain_median == 0.0


def test_networks_that_answer_together_are_measured_as_one(songs, model):
    other = make_model(model.parent / "other", seed=1, targets=("vocals", "drums"))
    bag = model.parent / "both.yaml"
    bag.write_text("- model: net\n  weights: {vocals: 1}\n- model: other\n  weights: {drums: 2}\n")
    comparison = compare([bag, model, other], data=songs, metrics="usdr", save="out")
    both, net, second = comparison.evaluations
    assert [evaluation.model for evaluation in comparison.evaluations] == ["both", "net", "other"]
    for together, one, two in zip(both.tracks, net.tracks, second.tracks, strict=True):
        wanted = {"vocals": one.scores.scores["vocals"], "drums": two.scores.scores["drums"]}
        for target, scores in wanted.items():
            found = together.scores.scores[target]["usdr"].value
            assert found == pytest.approx(scores["usdr"].value, abs=1e-4)
    assert both.facts["networks"] == "net_best.pth, other_best.pth"
    evaluate(bag, data=songs, processes=2)
    assert (model.parent / "both" / "metrics.json").is_file()
    bag.write_text("- model: net\n  weights: {drums: 1}\n")
    with pytest.raises(ModelError, match="network 1 of the bag has no target drums"):
        evaluate(bag, data=songs)


def test_each_track_gets_the_file_that_museval_writes(songs, model):
    with pytest.raises(
        ConfigError, match="hold SDR, SIR, SAR, ISR: measure them all, with bss-eval"
    ):
        evaluate(model, data=songs, formats="museval")
    two = ("vocals", "drums")
    model = make_model(model, targets=two)
    for _ in range(2):
        evaluation = evaluate(model, data=songs, metrics="bss-eval", formats="museval", save="out")
    files = sorted(Path("out/museval/net/test").iterdir())
    assert [file.stem for file in files] == [track.name for track in evaluation.tracks]
    for file, track in zip(files, evaluation.tracks, strict=True):
        told = json.loads(file.read_text())["targets"]
        assert [target["name"] for target in told] == list(two)
        for target, name in product(told, ("SDR", "ISR", "SIR", "SAR")):
            assert [(f["time"], f["duration"]) for f in target["frames"]] == [(0, 1), (1, 1)]
            score = track.scores.scores[target["name"]][name.lower()]
            frames = [frame["metrics"][name] for frame in target["frames"]]
            assert np.median(frames) == pytest.approx(score.value, abs=1e-4)
    # Those of the first time are still there.
    assert len(list(Path("out/museval-1/net/test").iterdir())) == 3


def test_earlier_comparisons_are_kept(songs, model):
    for _ in range(2):
        compare([model], data=songs, oracles="mixture", save="out")
    assert {"comparison.txt", "comparison-1.txt"} <= {path.name for path in Path("out").iterdir()}


def test_models_of_one_name_are_told_apart_and_one_given_twice_is_refused(songs, model):
    best = model / "checkpoint" / "net_best.pth"
    latest = shutil.copy(best, model / "checkpoint" / "net_latest.pth")
    lineup = line_up([best, latest], data=songs)
    assert [entry.contender.name for entry in lineup.entries] == ["net_best", "net_latest"]
    with pytest.raises(ConfigError, match="is named 2 times"):
        line_up([best, best], data=songs)
    with pytest.raises(ConfigError, match="nothing to measure is named"):
        line_up([], data=songs)


def test_tracks_are_chosen_by_name(songs, model, auralflow, tmp_path):
    names = sorted(path.name for path in (songs / "test").iterdir())
    chosen = line_up([model], data=songs, tracks=[f"{names[2]}, {names[0]}"]).tracks
    assert [track.name for track in chosen] == [names[0], names[2]]
    with pytest.raises(DataError, match=rf"no track {names[0][:-1]} .*did you mean {names[0]}"):
        line_up([model], data=songs, tracks=[names[0][:-1]])
    (tmp_path / "some.txt").write_text(f"{names[1]}\n\n")
    outcome = auralflow("evaluate", model, "--data", songs, "--tracks", "@some.txt")
    assert outcome.code == 0
    assert "measured     1 track" in outcome.out
    assert "there is no track" in auralflow.refuses(
        "evaluate", model, "--data", songs, "--tracks", "x"
    )
    assert "names none" in auralflow.refuses("evaluate", model, "--data", songs, "--tracks", "")
    assert "cannot be read" in auralflow.refuses(
        "evaluate", model, "--data", songs, "--tracks", "@no.txt"
    )


def test_a_target_that_the_data_lacks_is_refused(songs, tmp_path):
    model = make_model(tmp_path / "piano", targets=("piano",))
    with pytest.raises(DataError, match="the dataset has no stem piano"):
        evaluate(model, data=songs)


def test_silence_everywhere_and_half_a_second_are_measured_as_what_they_are(model, tmp_path):
    for name in ("vocals", "drums"):
        path = tmp_path / "data" / "short" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = 0.1 * np.random.default_rng(len(name)).standard_normal((RATE // 2, 2))
        soundfile.write(path, noise, RATE)
        silent = tmp_path / "data" / "silent" / f"{name}.wav"
        silent.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(silent, 0 * noise, RATE)
    total = evaluate(model, data=tmp_path / "data").summary.totals["vocals"]["sdr"]
    assert (total.tracks, total.tracks_left_out, total.counted, total.left_out) == (1, 1, 1, 1)
    assert "vocals: 1 track in SDR" in (model / "metrics.txt").read_text()


_KILLED = """
import os, signal, sys
from auralflow.evaluation import evaluate
from auralflow.evaluation.journal import Journal
add = Journal.add
def counted(self, key, scores, seen=[]):
    add(self, key, scores)
    seen.append(key)
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
Journal.add = counted
evaluate(sys.argv[1], data=sys.argv[2])
"""


def test_after_a_kill_an_evaluation_goes_on_where_it_was(songs, model, measured):
    words = [sys.executable, "-c", _KILLED, str(model), str(songs)]
    killed = subprocess.run(words, check=False, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    journal = model / "metrics.journal"
    # As a kill within a write would leave it.
    journal.write_bytes(journal.read_bytes() + b'\n{"key": "abc", "sec')
    resumed = evaluate(model, data=songs)
    assert len(measured) == 1
    assert not journal.exists()
    whole = evaluate(model, data=songs)
    assert len(measured) == 4
    assert resumed.tracks == whole.tracks


def stopped(**arguments: Any) -> None:
    """An evaluation that is interrupted after two tracks."""

    def progress(done, total, name):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(**arguments, progress=progress)


def test_what_has_changed_is_measured_anew(songs, model, measured, tmp_path):
    data = shutil.copytree(songs, tmp_path / "data")

    def goes_on_with(**changes: Any) -> int:
        stopped(model=model, data=data)
        measured.clear()
        evaluate(model, data=data, **changes)
        return len(measured)

    assert goes_on_with() == 1
    assert goes_on_with(resume=False) == 3
    assert goes_on_with(metrics="sdr") == 3
    stopped(model=model, data=data)
    make_model(model, seed=5)
    measured.clear()
    evaluate(model, data=data)
    assert len(measured) == 3
    stopped(model=model, data=data)
    first = sorted((data / "test").iterdir())[0] / "drums.wav"
    audio, rate = soundfile.read(first)
    soundfile.write(first, 0.5 * audio, rate)
    measured.clear()
    evaluate(model, data=data)
    assert len(measured) == 2


def test_several_processes_give_the_same_to_the_last_bit(songs, model):
    alone = compare([model], data=songs, oracles="mixture", save="one")
    together = compare([model], data=songs, oracles="mixture", save="two", processes=2)
    assert alone.evaluations == together.evaluations
    one, two = (Path(place, "comparison.json").read_text() for place in ("one", "two"))
    assert one == two


@dataclass(frozen=True)
class Crashing:
    """A contender whose process ends when it is opened."""

    name: str = "crashing"
    targets: tuple[str, ...] = ("vocals",)

    def identity(self, track):
        return None

    def open(self):
        os._exit(9)


@pytest.mark.slow
def test_a_process_that_crashes_is_told_in_a_sentence(songs, model):
    track = line_up([model], data=songs).tracks[0]
    jobs = [Job(0, 0, track)]
    with pytest.raises(DataError, match="of 1 measuring processes was ended from outside"):
        list(in_processes([Crashing()], jobs, metrics=parse_metrics(), processes=2))


def test_bad_words_are_refused_before_anything_is_read(songs, model, tmp_path):
    for words, said in (
        ({"formats": "latx"}, r"format has latx \(did you mean latex\?\)"),
        ({"metrics": "srd"}, "metrics has srd"),
        ({"processes": 0}, "processes is 0"),
    ):
        with pytest.raises(ConfigError, match=said):
            evaluate(model, data=songs, **words)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file is a file: choose another place with --save"):
        evaluate(model, data=songs, save=tmp_path / "file")
