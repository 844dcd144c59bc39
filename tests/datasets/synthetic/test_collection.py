"""Collections of songs: the same whatever the processes, resumable, and never half a song."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import types
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auralflow.audio import Encoding, probe, read
from auralflow.datasets.synthetic import STEMS, compose_song, plan_collection, song_name
from auralflow.datasets.synthetic.midi import plan_midi_collection
from auralflow.datasets.synthetic.recordings import Recording, require_space, write_recordings
from auralflow.errors import DataError, MissingExtraError, OutputError
from tests.datasets.synthetic.soundfonts import sine_soundfont

TINY: dict[str, Any] = {"seconds": 0.4, "sample_rate": 8000}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_first_songs_are_for_testing_and_the_rest_for_training(tmp_path):
    plan = plan_collection(tmp_path, songs=3, test=1, **TINY)
    assert plan.hours == pytest.approx(3 * 0.4 / 3600)
    # Three songs of four stems of two channels of two bytes.
    assert plan.bytes == 3 * 4 * 2 * 2 * 3200
    told = []
    plan.write(workers=1, progress=lambda *words: told.append(words))
    wanted = [f"test/{song_name(0)}", f"train/{song_name(1)}", f"train/{song_name(2)}"]
    assert list(contents(tmp_path)) == [
        f"{folder}/{name}.wav" for folder in wanted for name in sorted(STEMS)
    ]
    assert told == [(number + 1, 3, song_name(number)) for number in range(3)]
    for name, stem in compose_song(2, **TINY).items():
        written = read(tmp_path / wanted[2] / f"{name}.wav")
        # Half a step of 16 bit.
        np.testing.assert_allclose(written, stem, atol=0.51 / 32_768)


def test_several_processes_write_the_same_bytes_as_one(tmp_path):
    for workers in (1, 2):
        plan_collection(tmp_path / str(workers), songs=3, **TINY).write(workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert not multiprocessing.active_children()


def test_more_songs_are_the_same_ones_and_others(tmp_path):
    plan_collection(tmp_path / "few", songs=2, test=1, seed=5, **TINY).write(workers=1)
    plan_collection(tmp_path / "many", songs=3, test=1, seed=5, **TINY).write(workers=1)
    few, many = contents(tmp_path / "few"), contents(tmp_path / "many")
    assert len(many) == 3 * 4
    assert few == {name: many[name] for name in few}


def test_whole_songs_are_kept_and_missing_ones_are_made(tmp_path):
    plan_collection(tmp_path, songs=2, **TINY).write(workers=1)
    kept = tmp_path / "train" / song_name(0)
    before = (kept / "bass.wav").stat().st_mtime_ns
    shutil.rmtree(tmp_path / "train" / song_name(1))
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    plan = plan_collection(tmp_path, songs=3, **TINY)
    assert plan.kept == (kept,)
    assert [item.folder.name for item in plan.recordings] == [song_name(1), song_name(2)]
    plan.write(workers=1)
    assert (kept / "bass.wav").stat().st_mtime_ns == before
    assert not plan_collection(tmp_path, songs=3, **TINY).recordings


@pytest.mark.parametrize(
    "other", [{"seconds": 0.5}, {"sample_rate": 11_025}, {"format": "flac"}], ids=str
)
def test_a_song_in_another_shape_is_replaced_only_with_force(tmp_path, other):
    plan_collection(tmp_path, songs=1, **TINY).write(workers=1)
    with pytest.raises(OutputError, match="is not the recording asked for"):
        plan_collection(tmp_path, songs=1, **(TINY | other))
    plan_collection(tmp_path, songs=1, force=True, **(TINY | other)).write(workers=1)
    files = list((tmp_path / "train" / song_name(0)).iterdir())
    suffix = f".{other.get('format', 'wav')}"
    assert sorted(file.name for file in files) == sorted(f"{name}{suffix}" for name in STEMS)
    wanted = TINY | other
    assert {probe(file).samples for file in files} == {
        round(wanted["seconds"] * wanted["sample_rate"])
    }


def test_a_damaged_song_is_not_taken_for_whole(tmp_path):
    plan_collection(tmp_path, songs=1, **TINY).write(workers=1)
    (tmp_path / "train" / song_name(0) / "drums.wav").write_bytes(b"RIFF")
    with pytest.raises(OutputError, match="is not the recording asked for"):
        plan_collection(tmp_path, songs=1, **TINY)


def test_a_song_is_never_in_training_and_test_at_once(tmp_path):
    plan_collection(tmp_path, songs=2, test=0, **TINY).write(workers=1)
    for force in (False, True):
        with pytest.raises(OutputError, match="cannot be in test too"):
            plan_collection(tmp_path, songs=2, test=1, force=force, **TINY)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_one_song_leaves_the_others_whole(tmp_path, workers):
    recordings = [
        Recording(
            tmp_path / str(seed),
            partial(compose_song, seed, seconds=0.1, sample_rate=8000),
            800,
            STEMS,
        )
        for seed in (0, 1, -1)
    ]
    with pytest.raises(DataError, match="the seed of a song is -1"):
        write_recordings(recordings, sample_rate=8000, encoding=Encoding(), workers=workers)
    for folder in tmp_path.iterdir():
        assert not folder.name.startswith(".")
        assert {file.stem for file in folder.iterdir()} == set(STEMS)
    assert not (tmp_path / "-1").exists()
    # One that has ended is listed until the pool's own thread has noted how.
    deadline = time.monotonic() + 30
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not multiprocessing.active_children()


_SCRIPT = """
import signal
import sys
from pathlib import Path
from auralflow.datasets.synthetic import plan_collection

if __name__ == "__main__":
    # What a shell starts in the background ignores Ctrl-C, and so would this if the tests were.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plan = plan_collection(Path(sys.argv[1]), songs=500, seconds=2.0, sample_rate=8000)
    plan.write(workers=2, progress=lambda done, *_: print(done, flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="the signal is POSIX's")
def test_an_interruption_leaves_whole_songs_only_and_no_process(tmp_path):
    script = tmp_path / "write.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    folder = tmp_path / "songs"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "1"
    # As a terminal does it: to all processes at once.
    os.killpg(process.pid, signal.SIGINT)
    _, complaint = process.communicate(timeout=30)
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"
    assert complaint.count("Traceback") == 1
    # Nothing is written after the end.
    before = contents(folder)
    time.sleep(0.5)
    assert contents(folder) == before
    songs = list((folder / "train").iterdir())
    assert 1 <= len(songs) < 500
    for song in songs:
        assert not song.name.startswith(".")
        assert {probe(song / f"{name}.wav").samples for name in STEMS} == {16_000}


def test_a_disk_that_is_too_small_is_found_before_anything_is_made(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    require_space(tmp_path / "not" / "there", 900_000)
    with pytest.raises(OutputError, match=r"0\.0 GB of free space and the songs may take 2\.5 GB"):
        plan_collection(tmp_path / "songs", songs=20, seconds=180.0).write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"songs": 0}, "0 songs are none"),
        ({"songs": 3, "test": 4}, "4 of 3 songs"),
        ({"songs": 3, "test": -1}, "-1 of 3 songs"),
        ({"songs": 1, "seed": -2}, "seed of a song is -2"),
        ({"songs": 1, "seconds": 0.0}, "no samples"),
        ({"songs": 1, "seconds": float("nan")}, "no samples"),
        ({"songs": 1, "sample_rate": 100}, "100 Hz"),
    ],
)
def test_numbers_out_of_range_are_refused_with_a_remedy(tmp_path, arguments, words):
    with pytest.raises(DataError, match=words):
        plan_collection(tmp_path, **(TINY | arguments))


@pytest.mark.parametrize("library", ["mido", "midirenderer"])
def test_without_the_extra_the_error_says_how_to_install_it(tmp_path, monkeypatch, library):
    font = tmp_path / "sine.sf2"
    font.write_bytes(sine_soundfont())
    (tmp_path / "song.mid").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "midirenderer", types.ModuleType("midirenderer"))
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf'{library}, .* pip install "auralflow\[midi\]"'):
        plan_midi_collection(tmp_path / "out", source=tmp_path / "song.mid", soundfont=font)
