"""Files written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from auralflow.errors import OutputError
from auralflow.files import write_whole


def test_a_file_is_written_with_the_folders_it_needs(tmp_path):
    path = tmp_path / "new" / "ü n" / ("a" * 200 + ".txt")
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "metrics.txt"
    write_whole(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"metrics.txt cannot be written \(the disk is full\)"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "metrics.txt", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(OutputError, match="choose another place"):
        write_whole(tmp_path / "runs" / "metrics.txt", b"new")


def test_a_file_has_the_permissions_that_the_user_asks_for(tmp_path):
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "whole", b"")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode
