"""The whole check: what it gives for a good dataset, its JSON, its table, and its command."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from auralflow.cli.data_check import command
from auralflow.datasets.checking import CHECKS, Finding, Report, check_dataset, to_text
from auralflow.datasets.checking.table import printable
from auralflow.datasets.synthetic import compose_song, write_songs
from auralflow.errors import AuralflowError, ConfigError, OutputError
from tests.datasets.checking.folders import kinds, stems_of, write_song
from tests.datasets.music import noise, write, write_stem_mp4

FINDING_KEYS = ["check", "severity", "split", "track", "stem", "path", "message", "numbers"]


def _check(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def _spoilt(folder: Path) -> Path:
    """One warning, one error, five hints of one kind."""
    for number in range(5):
        stems = stems_of(number, seconds=1)
        write_song(folder / f"song {number}", stems | {"vocals": np.zeros_like(stems["bass"])})
    stems = stems_of(7, seconds=1)
    write_song(folder / "upside down", stems, mixture=-np.sum(list(stems.values()), axis=0))
    (write_song(folder / "torn", stems_of(8, seconds=1)) / "bass.wav").write_bytes(b"RIFF")
    return folder


def test_composed_songs_give_no_finding(tmp_path):
    write_songs(tmp_path, songs=range(3), seconds=6)
    report = check_dataset(tmp_path)
    assert report.findings == ()
    assert (report.tracks, report.recordings, report.is_clean) == (3, 15, True)
    assert report.seconds == pytest.approx(18)
    assert "3 tracks, 15 recordings, 18.0 s: nothing wrong" in to_text(report)


@pytest.mark.slow
def test_containers_of_several_streams_are_checked(tmp_path):
    # In the order of the streams. Music, since AAC spoils noise far more.
    song = compose_song(0, seconds=6)
    stems = [song[name] for name in ("drums", "bass", "other", "vocals")]
    write_stem_mp4(tmp_path / "one.stem.mp4", [np.sum(stems, axis=0), *stems])
    write_stem_mp4(tmp_path / "two.stem.mp4", [stems[0], *stems])
    report = check_dataset(tmp_path)
    assert [(f.track, f.check) for f in report.findings if f.check == "sum"] == [("two", "sum")]
    assert report.recordings == 10


def test_recordings_that_never_sounded_together_are_checked_one_by_one(tmp_path):
    for stem in ("drums", "bass"):
        for number in range(2):
            write(tmp_path / stem / f"{number}.wav", noise(1, seed=10 * len(stem) + number))
    write(tmp_path / "bass" / "2.wav", np.zeros((2, 8000), np.float32))
    assert kinds(check_dataset(tmp_path, workers=2)) == {"silent"}


def test_stems_of_several_recordings_are_summed(tmp_path):
    parts = {name: noise(1, seed=seed) for seed, name in enumerate(("drums", "kick", "vocals"))}
    write_song(tmp_path / "song", parts)
    runner = _check(tmp_path, "--stems", "{drums: [drums, kick]}")
    assert runner.exit_code == 0, runner.output
    assert "4 recordings" in runner.output


@pytest.mark.parametrize("workers", [1, 4])
def test_the_same_dataset_gives_the_same_report(tmp_path, workers):
    _spoilt(tmp_path)
    told: list[tuple[int, int]] = []
    report = check_dataset(
        tmp_path, workers=workers, progress=lambda done, total, _name: told.append((done, total))
    )
    assert report == check_dataset(tmp_path, workers=2)
    assert told == [(number, 6) for number in range(1, 7)]
    assert report.counts == {"error": 1, "warning": 1, "hint": 5}


def test_checks_can_be_left_out_and_a_wrong_name_is_told(tmp_path):
    _spoilt(tmp_path)
    report = check_dataset(tmp_path, skip=["broken", "sum"])
    assert kinds(report) == {"silent"}
    assert report.is_clean
    assert "sum" not in report.checks
    with pytest.raises(ConfigError, match=r"silence is no check \(did you mean silent\?\)"):
        check_dataset(tmp_path, skip=["silence"])
    with pytest.raises(ConfigError, match="every check is skipped"):
        check_dataset(tmp_path, skip=[check.name for check in CHECKS])
    with pytest.raises(ConfigError, match="give at least 1"):
        check_dataset(tmp_path, workers=0)


def test_the_json_has_its_keys(tmp_path):
    run = _check(_spoilt(tmp_path), "--json")
    plain = json.loads(run.stdout)
    assert list(plain) == ["tracks", "recordings", "seconds", "checks", "counts", "findings"]
    assert plain["tracks"] == 6
    assert plain["recordings"] == 24
    assert plain["checks"] == [check.name for check in CHECKS]
    assert plain["counts"] == {"error": 1, "warning": 1, "hint": 5}
    assert [list(finding) for finding in plain["findings"]] == [FINDING_KEYS] * 7
    assert [finding["check"] for finding in plain["findings"]] == ["broken", "sum", *["silent"] * 5]
    assert plain["findings"][1]["numbers"]["polarity"] == -1


def test_the_json_is_saved_and_the_table_printed(tmp_path):
    _spoilt(tmp_path / "music")
    run = _check(tmp_path / "music", "--save", tmp_path / "out" / "report.json")
    assert run.stdout.splitlines()[-1] == (
        "6 tracks, 24 recordings, 6.0 s: 1 error, 1 warning, 5 hints"
    )
    saved = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert len(saved["findings"]) == 7


def test_the_table_fits_a_terminal_and_folds_hints(tmp_path):
    _spoilt(tmp_path)
    folded, whole = _check(tmp_path).stdout, _check(tmp_path, "--all").stdout
    assert all(len(line) <= 80 for line in folded.splitlines() if "/" not in line)
    assert folded.count("digital silence") == 1
    assert "and 4 hints more, in 5 tracks in all: --all shows each" in folded
    assert whole.count("digital silence") == 5
    assert "hints more" not in whole
    assert "\x1b" not in folded


@pytest.mark.parametrize(
    ("spoil", "code"), [("nothing", 0), ("hint", 0), ("warning", 1), ("error", 1)]
)
def test_the_exit_code_tells_whether_something_is_wrong(tmp_path, spoil, code):
    stems = stems_of(seconds=1)
    if spoil == "hint":
        stems["drums"] = 0 * stems["drums"]
    mixture = np.sum(list(stems.values()), axis=0)
    write_song(tmp_path / "song", stems, mixture=-mixture if spoil == "warning" else mixture)
    if spoil == "error":
        (tmp_path / "song" / "bass.wav").write_bytes(b"RIFF")
    run = _check(tmp_path)
    assert run.exit_code == code, run.output
    assert (f"1 {spoil}" in run.stdout) == (spoil != "nothing")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "there is no folder nowhere"),
        (["--skip", "sum,silense", "."], r"silense is no check (did you mean silent?)"),
        (["--save", "song.wav", "."], "song.wav does not end in .json"),
        (["--layout", "folder", "."], "layout"),
        (["--layuot", "folders", "."], "layuot"),
    ],
)
def test_what_cannot_run_is_refused(tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    run = _check(*words)
    # The program makes a sentence and the code 2 of it.
    if isinstance(run.exception, SystemExit):
        assert run.exit_code == 2
        assert says in run.output
    else:
        assert isinstance(run.exception, AuralflowError)
        assert says in str(run.exception)


def test_a_report_is_not_written_over_music_before_the_work(tmp_path):
    song = write(tmp_path / "song" / "drums.wav", noise(1))
    before = song.read_bytes()
    assert isinstance(_check(tmp_path, "--save", song).exception, OutputError)
    assert song.read_bytes() == before


def test_names_with_terminal_codes_are_printed_harmlessly():
    assert printable("a\x1b[31mb\nc") == "a�[31mb�c"
    report = Report(1, 1, 1.0, ("sum",), (Finding("sum", "hint", "is odd", track="a\x1b[2J" * 30),))
    lines = to_text(report).splitlines()
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) <= 80


def test_every_check_is_on_the_page_once():
    page = (Path(__file__).parents[3] / "docs" / "checking.md").read_text("utf-8")
    rows = page.split("## What is looked for")[1].split("## JSON")[0].splitlines()
    listed = [row.split("`")[1] for row in rows if row.startswith("| `")]
    assert listed == [check.name for check in CHECKS]
