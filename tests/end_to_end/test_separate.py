"""`auralflow separate` as people use it."""

import io
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from auralflow.audio import count_streams, read
from tests.end_to_end.conftest import RATE
from tests.separation.test_tree import files_below


@pytest.fixture
def song(world, desk) -> Path:
    """Two seconds of music in the current folder."""
    return Path(shutil.copy(world.data / "plain" / "mixture.wav", desk / "song.wav"))


@pytest.fixture
def best(world) -> Path:
    checkpoint: Path = world.model / "checkpoint" / "my voice_best.pth"
    return checkpoint


def test_the_model_is_named_first_or_by_a_flag(auralflow, world, song, desk):
    assert auralflow("separate", world.model, "song.wav", "--save", "one").code == 0
    assert auralflow("separate", "song.wav", "--model", world.model, "--save", "two").code == 0
    assert files_below(desk / "one") == ["song/residual.wav", "song/vocals.wav"]
    for name in files_below(desk / "one"):
        np.testing.assert_array_equal(read(desk / "one" / name), read(desk / "two" / name))


def test_several_models_answer_with_their_mean(auralflow, world, best, song, desk):
    (desk / "bag.yaml").write_text(f"- model: '{world.model}'\n- model: '{best}'\n")
    assert auralflow("separate", world.model, song, "--save", "alone").code == 0
    words = ["--model", world.model, "--model", best]
    assert auralflow("separate", song, *words, "--save", "both").code == 0
    assert auralflow("separate", "bag.yaml", song, "--save", "bag").code == 0
    for folder in ("both", "bag"):
        # The mean of two that are the same network.
        alone, together = (read(desk / name / "song/vocals.wav") for name in ("alone", folder))
        np.testing.assert_allclose(together, alone, atol=1e-6)


def test_without_a_song_the_command_says_what_is_missing(auralflow, world):
    assert "no song is named besides the model" in auralflow.refuses("separate", world.model)
    assert "named more than once" in auralflow.refuses("separate", world.model, "-", "-")


def test_a_second_run_skips_what_is_done_and_says_so(auralflow, world, song, desk):
    shutil.copytree(world.data / "two words", desk / "music")
    words = ["separate", world.model, song, "music"]
    first = auralflow(*words)
    assert first.code == 0
    before = {path: path.stat().st_mtime_ns for path in (desk / "separated").rglob("*.wav")}
    assert len(before) == 2 * 6
    second = auralflow(*words)
    assert second.code == 0
    assert second.out.count("done before (--force does it again)") == 6
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "done before" not in auralflow(*words, "--force").out
    assert auralflow(*words, "--force").code == 0


def test_karaoke_is_one_flag(auralflow, world, song, desk):
    outcome = auralflow("separate", world.model, song, "--mixture-minus", "vocals")
    assert outcome.code == 0, outcome.err
    assert files_below(desk / "separated") == ["song/mixture-minus-vocals.wav", "song/vocals.wav"]
    vocals, rest = (
        read(desk / "separated/song" / f"{name}.wav") for name in ("vocals", "mixture-minus-vocals")
    )
    np.testing.assert_array_equal(rest, read(song) - vocals)


def test_one_stem_file_holds_all_of_the_song(auralflow, world, song, desk):
    outcome = auralflow("separate", world.model, song, "--format", "stem.mp4")
    assert outcome.code == 0, outcome.err
    assert outcome.out == "song.wav → separated/song.stem.mp4\n"
    assert count_streams(desk / "separated" / "song.stem.mp4") == 5
    assert read(desk / "separated" / "song.stem.mp4").shape == read(song).shape


def test_files_are_named_by_a_template(auralflow, world, song, desk):
    words = ["--template", "{stem}/{song} - {stem}.{ext}", "--format", "flac", "--bits", "input"]
    outcome = auralflow("separate", world.model, song, *words)
    assert outcome.code == 0, outcome.err
    assert files_below(desk / "separated") == [
        "residual/song - residual.flac", "vocals/song - vocals.flac",
    ]  # fmt: skip
    assert "residual/song - residual.flac, vocals/song - vocals.flac" in ", ".join(
        sorted(outcome.out.splitlines()[1].strip().split(", "))
    )
    assert soundfile.info(desk / "separated/vocals/song - vocals.flac").subtype == "PCM_16"
    message = auralflow.refuses("separate", world.model, song, "--template", "{artist}.{ext}")
    assert "a field {artist}: there are {song}, {stem}, {ext}" in message


def test_a_preview_is_short_and_says_where_it_is_from(auralflow, world, song, desk):
    outcome = auralflow("separate", world.model, song, "--preview", "0.5", "--no-residual")
    assert outcome.code == 0, outcome.err
    assert "0.5 s from 0:0" in outcome.out
    assert read(desk / "separated/song/vocals.wav").shape[1] == RATE // 2


def test_only_the_stems_that_are_named_are_written(auralflow, world, song, desk):
    assert (
        auralflow("separate", world.model, song, "--targets", "vocals", "--no-residual").code == 0
    )
    assert files_below(desk / "separated") == ["song/vocals.wav"]
    message = auralflow.refuses("separate", world.model, song, "--targets", "vocal", "--force")
    assert "no target vocal (did you mean vocals?)" in message


class _Bytes(io.BytesIO):
    """Standard input or output of bytes."""

    @property
    def buffer(self) -> io.BytesIO:
        return self


def test_a_song_comes_by_standard_input_and_a_stem_goes_to_standard_output(
    auralflow, world, song, desk, monkeypatch
):
    assert auralflow("separate", world.model, song, "--save", "files").code == 0
    sent = _Bytes()
    monkeypatch.setattr(sys, "stdin", _Bytes(song.read_bytes()))
    monkeypatch.setattr(
        "auralflow.separation.piping.sys", SimpleNamespace(stdin=sys.stdin, stdout=sent)
    )
    outcome = auralflow("separate", world.model, "-", "--targets", "vocals", "--save", "-")
    assert outcome.code == 0, outcome.err
    assert (outcome.out, outcome.err) == ("", "stdin → vocals on standard output\n")
    # Not byte by byte: libsndfile notes the second in which a file was written.
    heard, rate = soundfile.read(io.BytesIO(sent.getvalue()))
    kept, kept_rate = soundfile.read(desk / "files/song/vocals.wav")
    assert rate == kept_rate
    assert np.array_equal(heard, kept)
    assert sorted(path.name for path in desk.iterdir()) == ["files", "song.wav"]


def test_the_song_without_a_stem_goes_to_standard_output_alone(
    auralflow, world, song, desk, monkeypatch
):
    sent = _Bytes()
    monkeypatch.setattr("auralflow.separation.piping.sys", SimpleNamespace(stdout=sent))
    words = ["--mixture-minus", "vocals", "--save", "-", "--format", "flac"]
    assert auralflow("separate", world.model, song, *words).code == 0
    assert sent.getvalue()[:4] == b"fLaC"


def test_standard_output_takes_one_file(auralflow, world, song):
    words = ["separate", world.model, song, "--save", "-"]
    message = auralflow.refuses(*words, "--residual")
    assert "takes one file, and vocals, residual would go to it: name one stem" in message
    assert "2 songs would go to it" in auralflow.refuses(*words, song)


def test_nothing_by_standard_input_is_told(auralflow, world, monkeypatch):
    monkeypatch.setattr("auralflow.separation.piping.sys", SimpleNamespace(stdin=_Bytes()))
    assert "standard input has ended without a byte" in auralflow.refuses(
        "separate", world.model, "-"
    )


def separating(*words: object, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "auralflow", "separate", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written(world, song, desk):
    audio, rate = soundfile.read(song)
    soundfile.write(desk / "long.wav", np.tile(audio, (600, 1)), rate)
    process = separating(world.model, "long.wav", "--segment", "1")
    waited = time.monotonic()
    while not list(desk.glob("separated/.auralflow-*/**/*.part")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - waited < 120
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped." in said
    assert not (desk / "separated").exists()


@pytest.mark.slow
def test_processes_of_torchrun_share_the_songs_and_end_together(world, desk):
    for number in range(5):
        (desk / "music").mkdir(exist_ok=True)
        shutil.copy(world.data / "plain" / "mixture.wav", desk / "music" / f"{number}.wav")
    # The second process has the broken song, and is done long before the first.
    (desk / "music" / "1.wav").write_text("this is no sound")
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python",
            sys.executable, "-m", "auralflow", "separate", str(world.model), "music",
        ],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "1 of 2 songs were left out:" in done.stderr
    assert files_below(desk / "separated") == [
        f"{number}/{stem}.wav" for number in (0, 2, 3, 4) for stem in ("residual", "vocals")
    ]
    assert all(done.stdout.count(f"{number}.wav →") == 1 for number in (0, 2, 3, 4))
