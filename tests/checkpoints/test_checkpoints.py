"""Files of weights: written whole or not at all, and read without trusting them."""

import errno
import resource
from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import (
    Checkpoint,
    build_network,
    find_checkpoint,
    load_model,
    read_checkpoint,
    write_checkpoint,
)
from auralflow.errors import CheckpointError, OutputError, SessionError
from tests.checkpoints.weights import small_checkpoint, small_settings


def complaint(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_model(path, cuda=False)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_what_is_written_is_read_back(tmp_path):
    training = {"optimizer_states": [{"step": torch.tensor(3.0)}], "loops": {"epoch": 2}}
    written = small_checkpoint(targets=("vocals", "bass"), training=training, lr=1e-7, mono=False)
    write_checkpoint(tmp_path / "a b" / "声.pth", written)
    read = read_checkpoint(tmp_path / "a b" / "声.pth")
    assert read.settings.as_plain() == written.settings.as_plain()
    assert read.targets == ("vocals", "bass")
    assert read.progress == written.progress
    assert read.training == training
    assert read.state.keys() == written.state.keys()
    assert all(torch.equal(read.state[name], value) for name, value in written.state.items())
    assert [path.name for path in (tmp_path / "a b").iterdir()] == ["声.pth"]


def test_without_training_states_there_are_none(tmp_path):
    write_checkpoint(tmp_path / "a.pth", small_checkpoint())
    assert read_checkpoint(tmp_path / "a.pth").training is None


def test_a_loaded_model_answers_as_the_one_that_was_saved(tmp_path):
    checkpoint = small_checkpoint(targets=("vocals", "drums"))
    network = build_network(checkpoint.settings, checkpoint.targets)
    network.load_state_dict(dict(checkpoint.state))
    write_checkpoint(tmp_path / "a.pth", checkpoint)
    loaded = load_model(tmp_path / "a.pth", cuda=False)
    assert not loaded.training
    assert loaded.targets == ("vocals", "drums")
    mixture = torch.randn(1, 1, 3000)
    with torch.no_grad():
        assert torch.equal(loaded(mixture), network.eval()(mixture))


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_checkpoint_survives_what_happens_while_the_next_is_written(
    tmp_path, monkeypatch, failure
):
    path = tmp_path / "a.pth"
    write_checkpoint(path, small_checkpoint())
    before = path.read_bytes()

    def half(content, file):
        file.write(b"half of it")
        raise failure

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_checkpoint(path, small_checkpoint())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.pth"]


def test_a_checkpoint_survives_a_death_before_the_new_one_has_its_name(tmp_path, monkeypatch):
    path = tmp_path / "a.pth"
    write_checkpoint(path, small_checkpoint())
    before = path.read_bytes()

    def dies(temporary, target):
        # What a killed process leaves: both files as they are at this moment.
        assert temporary != path
        assert Path(target).read_bytes() == before
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(path, small_checkpoint())
    assert path.read_bytes() == before


def test_a_full_disk_is_told_in_words_with_what_became_of_the_one_before(tmp_path, monkeypatch):
    def full(content, file):
        raise OSError(errno.ENOSPC, "No space left on device")

    write_checkpoint(tmp_path / "a.pth", small_checkpoint())
    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(
        OutputError, match=r"a\.pth cannot be written \(the disk is full\); the checkpoint from"
    ):
        write_checkpoint(tmp_path / "a.pth", small_checkpoint())
    with pytest.raises(OutputError, match=r"\(the disk is full\): free space") as caught:
        write_checkpoint(tmp_path / "new.pth", small_checkpoint())
    assert "before" not in str(caught.value)


def test_a_write_that_really_fails_is_told_by_its_own_reason(tmp_path):
    """The system refuses files above a size, in the middle of torch's writing, as a full disk does."""
    path = tmp_path / "a.pth"
    write_checkpoint(path, small_checkpoint())
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"a\.pth cannot be written \(File too large\)"):
            write_checkpoint(path, small_checkpoint())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.pth"]


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=r"a\.pth cannot be written"):
        write_checkpoint(tmp_path / "file" / "a.pth", small_checkpoint())


class Trap:
    """Something that would touch a file on being unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("old_format", [False, True])
def test_code_in_a_file_is_refused_and_not_run(tmp_path, old_format):
    path = tmp_path / "evil.pth"
    torch.save(
        {"auralflow": "0.1", "format": 1, "state": Trap(tmp_path / "touched")},
        path,
        _use_new_zipfile_serialization=not old_format,
    )
    assert "was not loaded" in complaint(path)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.99])
def test_a_cut_off_file_is_told_as_such(tmp_path, keep):
    path = tmp_path / "a.pth"
    write_checkpoint(path, small_checkpoint())
    whole = path.read_bytes()
    path.write_bytes(whole[: keep if isinstance(keep, int) else int(keep * len(whole))])
    assert "is damaged or no checkpoint" in complaint(path) or "was not loaded" in complaint(path)


@pytest.mark.parametrize("text", ["model:\n  lr: 1\n", "hello", "<html></html>", "\x80\x02"])
def test_a_file_of_something_else_is_no_checkpoint(tmp_path, text):
    (tmp_path / "a.pth").write_text(text)
    assert "no checkpoint" in complaint(tmp_path / "a.pth")


def test_weights_of_another_program_are_refused(tmp_path):
    for number, content in enumerate(
        [{"state_dict": dict(small_checkpoint().state)}, [1, 2], torch.zeros(3)]
    ):
        path = tmp_path / f"{number}.pth"
        torch.save(content, path)
        assert "was not written by auralflow" in complaint(path)


def test_a_later_format_names_both_versions(tmp_path):
    torch.save({"auralflow": "9.9", "format": 2}, tmp_path / "a.pth")
    message = complaint(tmp_path / "a.pth")
    assert "format 2 of auralflow 9.9" in message
    assert "format 1" in message


@pytest.mark.parametrize(
    "changed",
    [
        {"config": {"data": {"wings": 2}}},
        {"config": 3},
        {"config": {"base-model": "zzz"}},
        {"state": 3},
        {},
    ],
)
def test_contents_that_do_not_fit_this_version_are_refused(tmp_path, changed):
    content = {"auralflow": "0.0.1", "format": 1, "config": {}, "targets": ["vocals"], "state": {}}
    torch.save({**content, **changed}, tmp_path / "a.pth")
    assert "does not fit version" in complaint(tmp_path / "a.pth")


@pytest.mark.parametrize(
    ("settings", "targets"),
    [({"max_layers": 3}, ("vocals",)), ({"mono": False}, ("vocals",)), ({}, ("vocals", "bass"))],
)
def test_weights_of_another_architecture_are_refused(tmp_path, settings, targets):
    weights = small_checkpoint()
    write_checkpoint(
        tmp_path / "a.pth", Checkpoint(small_settings(**settings), targets, weights.state)
    )
    assert "weights of another architecture" in complaint(tmp_path / "a.pth")


def test_a_missing_file_says_what_to_give(tmp_path):
    assert "is not there: give a .pth or .safetensors file, or train" in complaint(
        tmp_path / "a.pth"
    )


def test_a_model_is_loaded_by_file_folder_and_name(tmp_path, monkeypatch):
    folder = tmp_path / "s" / "my voice"
    latest, best = (folder / "checkpoint" / f"my voice_{kind}.pth" for kind in ("latest", "best"))
    write_checkpoint(latest, small_checkpoint())
    monkeypatch.chdir(tmp_path / "s")
    assert find_checkpoint("my voice") == latest
    write_checkpoint(best, small_checkpoint(targets=("bass",)))
    for given in (best, folder, str(folder), "my voice"):
        assert load_model(given, cuda=False).targets == ("bass",)
    assert load_model(latest, cuda=False).targets == ("vocals",)


def test_checkpoints_are_found_where_the_training_section_puts_them(tmp_path):
    folder = tmp_path / "s" / "v"
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "train_config.yaml").write_text(f"train:\n  checkpoint: {tmp_path / 'far'}\n")
    write_checkpoint(tmp_path / "far" / "v_best.pth", small_checkpoint())
    assert find_checkpoint(folder) == tmp_path / "far" / "v_best.pth"


def test_an_untrained_model_says_how_to_train_it(tmp_path):
    (tmp_path / "v" / "checkpoint").mkdir(parents=True)
    with pytest.raises(
        CheckpointError, match=r"has no checkpoint in .*train it first with `auralflow train v"
    ):
        load_model(tmp_path / "v")


def test_an_unknown_name_is_a_session_s_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SessionError, match="is no model folder"):
        load_model("nothing")
