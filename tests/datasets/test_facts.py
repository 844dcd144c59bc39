"""What is known of files is believed as long as they stay as they are, and no longer."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from auralflow.datasets.layouts import open_dataset
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write, write_track


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are opened."""
    opening: Any = import_module("auralflow.datasets.layouts.opening")
    seen: list[str] = []
    real = opening.probe

    def spy(path, **options):
        seen.append(path.name)
        return real(path, **options)

    monkeypatch.setattr(opening, "probe", spy)
    return seen


def test_the_second_time_no_file_is_opened(tmp_path, probed):
    write_track(tmp_path / "a", "vocals", "drums", "mixture")
    first = open_dataset(tmp_path)
    assert len(probed) == 3
    assert open_dataset(tmp_path) == first
    assert len(probed) == 3


def test_a_file_that_was_replaced_is_looked_into_again(tmp_path, probed):
    write_track(tmp_path / "a", "vocals", "drums")
    before = open_dataset(tmp_path)
    path = tmp_path / "a" / "vocals.wav"
    status = path.stat()
    # As large, and as old: only the time of change, which nobody can set, tells it.
    content = bytearray(path.read_bytes())
    content[24:28] = (2 * RATE).to_bytes(4, "little")
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    probed.clear()
    after = open_dataset(tmp_path)
    assert probed == ["vocals.wav"]
    (was,), (now,) = (dataset.tracks[0].stems["vocals"] for dataset in (before, after))
    assert (was.info.sample_rate, now.info.sample_rate) == (RATE, 2 * RATE)


def test_broken_files_are_opened_each_time_since_they_may_be_repaired(tmp_path, probed):
    write_track(tmp_path / "a", "vocals", "drums")
    (tmp_path / "a" / "vocals.wav").write_text("no audio")
    for _ in range(2):
        with pytest.raises(DataError, match=r"vocals\.wav"):
            open_dataset(tmp_path)
    assert probed.count("vocals.wav") == 2
    write(tmp_path / "a" / "vocals.wav", noise(0.25))
    assert len(open_dataset(tmp_path).tracks) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", '{"format": 2}', '{"format": 99, "files": {}}', "\0"]
)
def test_what_cannot_be_read_of_it_is_found_out_again(tmp_path, content):
    write_track(tmp_path / "a", "vocals", "drums")
    first = open_dataset(tmp_path)
    (kept,) = Path(os.environ["AURALFLOW_CACHE"], "datasets").iterdir()
    kept.write_text(content)
    assert open_dataset(tmp_path) == first


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path, monkeypatch):
    write_track(tmp_path / "a", "vocals", "drums")
    (tmp_path / "file").touch()
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "file"))
    assert len(open_dataset(tmp_path).tracks) == 1
