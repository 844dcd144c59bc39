"""Files that appear together or not at all."""

import re
from pathlib import Path

import pytest

from auralflow.errors import OutputError
from auralflow.separation.staging import refuse_existing, staged


def write(scratch: Path, names: list[str]) -> None:
    for name in names:
        (scratch / name).write_text(f"new {name}")


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_the_files_are_there_afterwards_and_nothing_else(tmp_path):
    folder = tmp_path / "a" / "b"
    with staged(folder, ["x", "y"]) as scratch:
        write(scratch, ["x", "y", "not wanted"])
        assert contents(folder).keys() == {f"{scratch.name}/{n}" for n in ("x", "y", "not wanted")}
    assert contents(folder) == {"x": "new x", "y": "new y"}
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_failure_leaves_no_file_and_no_folder(tmp_path, error):
    def fails() -> None:
        with staged(tmp_path / "a" / "b", ["x"]) as scratch:
            write(scratch, ["x"])
            raise error

    with pytest.raises(error):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_folders_that_were_there_stay_after_a_failure(tmp_path):
    (tmp_path / "a").mkdir()

    def fails() -> None:
        with staged(tmp_path / "a", []):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("interrupted_at", range(4))
def test_an_interruption_amid_the_moving_restores_what_was_there(
    tmp_path, monkeypatch, interrupted_at
):
    (tmp_path / "x").write_text("old x")
    rename, calls = Path.rename, 0

    # x is moved away, x and y moved in: three renames, the fourth never comes.
    def interrupted_rename(self, target):
        nonlocal calls
        if calls == interrupted_at:
            raise KeyboardInterrupt
        calls += 1
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted_rename)
    if interrupted_at == 3:
        with staged(tmp_path, ["x", "y"]) as scratch:
            write(scratch, ["x", "y"])
        assert contents(tmp_path) == {"x": "new x", "y": "new y"}
        return
    with pytest.raises(KeyboardInterrupt), staged(tmp_path, ["x", "y"]) as scratch:
        write(scratch, ["x", "y"])
    assert contents(tmp_path) == {"x": "old x"}


def test_a_disk_that_fails_amid_the_moving_is_an_output_error(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with (
        pytest.raises(OutputError, match=r"cannot be written to \(No space left on device\)"),
        staged(tmp_path, ["x"]) as scratch,
    ):
        write(scratch, ["x"])
    assert contents(tmp_path) == {}


def test_a_file_where_a_folder_should_be_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="choose another folder"),
        staged(tmp_path / "file" / "deeper", []),
    ):
        pass


def test_existing_files_are_counted_and_the_first_is_named(tmp_path):
    files = [tmp_path / name for name in ("a", "b", "c")]
    refuse_existing(files, force=False)
    files[1].write_text("")
    with pytest.raises(OutputError, match=r"/b exists already: pass --force"):
        refuse_existing(files, force=False)
    files[2].symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match=r"/b exists already and 1 more: pass --force"):
        refuse_existing(files, force=False)
    refuse_existing(files, force=True)


def test_a_folder_in_the_place_of_a_file_is_refused_even_with_force(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="is a folder where a file is to be written"):
        refuse_existing([tmp_path / "a"], force=True)


def test_an_error_names_the_file_by_the_place_it_was_to_have(tmp_path):
    with (
        pytest.raises(OutputError, match=re.escape(f"{tmp_path / 'vocals.wav'} cannot be written")),
        staged(tmp_path, ["vocals.wav"]) as scratch,
    ):
        raise OutputError(f"{scratch / 'vocals.wav'} cannot be written (full): free space")
