"""What a person can get wrong: each gives one sentence that helps, exit code 2, and leaves nothing behind."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralflow.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from auralflow.config import Layer
from auralflow.settings import read_settings
from tests.end_to_end.conftest import SMALL, TRACKS
from tests.separation.test_tree import files_below


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def one_sentence(message: str) -> bool:
    return "\n" not in message and ": " in message


@pytest.fixture
def refused(auralflow, desk):
    """Runs a command that must be refused in one sentence and must not touch the current folder."""

    def run(*words: object) -> str:
        before = contents(desk)
        message: str = auralflow.refuses(*words)
        assert one_sentence(message), message
        assert contents(desk) == before
        return message

    return run


def train_on(data: object) -> list[object]:
    return ["train", "--name", "voice", "--data", data, *SMALL]


def test_a_missing_data_folder(refused):
    assert (
        refused(*train_on("nowhere"))
        == "there is no folder nowhere: check the path given as --data"
    )


def test_an_empty_data_folder(refused, desk):
    (desk / "data").mkdir()
    assert refused(*train_on("data")).startswith("data is empty, 0 files: put <track>/<stem>.wav")


def test_a_data_folder_without_audio(refused, desk):
    (desk / "data" / "song").mkdir(parents=True)
    (desk / "data" / "song" / "vocals.txt").write_text("la la la")
    (desk / "data" / "notes.txt").write_text("")
    message = refused(*train_on("data"))
    assert "looked for <track>/<stem>.wav" in message
    assert "and found notes.txt, song/" in message


def test_a_file_where_a_data_folder_should_be(refused, desk):
    (desk / "data").write_text("")
    assert "data is a file, and a folder of tracks is wanted" in refused(*train_on("data"))


def corrupt(file: Path) -> None:
    file.write_bytes(b"this is no audio " * 50)


def cut_off(file: Path) -> None:
    audio, rate = soundfile.read(file)
    file.unlink()
    flac = file.with_suffix(".flac")
    soundfile.write(flac, audio, rate)
    flac.write_bytes(flac.read_bytes()[: flac.stat().st_size // 2])


def emptied(file: Path) -> None:
    soundfile.write(file, np.zeros((0, 2)), 8000)


def without_numbers(file: Path) -> None:
    audio, rate = soundfile.read(file)
    audio[4000] = np.nan
    soundfile.write(file, audio, rate, subtype="FLOAT")


DAMAGES = {
    corrupt: "is not audio that can be read",
    cut_off: "is damaged",
    emptied: "is audio of no length, 0 samples",
    without_numbers: "holds a sample that is no finite number (nan) at 0.500 s",
}


@pytest.fixture(params=DAMAGES, ids=lambda damage: damage.__name__)
def damage(request):
    return request.param


@pytest.fixture(params=["train", "valid"])
def damaged(request, world, desk, damage) -> Path:
    """The file of a dataset that was damaged, in a track to train on or one to validate on."""
    shutil.copytree(world.data, desk / "data")
    latest = world.model / "checkpoint" / "my voice_latest.pth"
    track: str = read_checkpoint(latest).progress["tracks"][request.param][0]
    damage(desk / "data" / track / "vocals.wav")
    return next((Path("data") / track).glob("vocals.*"))


def test_a_damaged_file_is_named_before_anything_is_written(refused, damaged, damage):
    message = refused(*train_on("data"))
    assert message.startswith(f"{damaged} {DAMAGES[damage].split(' (nan)')[0]}")
    assert "--skip-broken" in message


def test_a_damaged_file_can_be_left_out(auralflow, world, desk, damaged, caplog):
    outcome = auralflow(*train_on("data"), "--skip-broken")
    assert outcome.code == 0, outcome.err
    assert any(
        record.message.startswith(("Left out 1 ", "1 files of data")) for record in caplog.records
    )
    tracks = read_checkpoint(desk / "voice" / "checkpoint" / "voice_latest.pth").progress["tracks"]
    assert damaged.parent.name not in tracks["train"] + tracks["valid"]
    assert len(tracks["train"] + tracks["valid"]) == len(TRACKS) - 1


def test_a_damaged_song_is_not_separated(refused, world, desk, damage):
    shutil.copy(world.data / "plain" / "mixture.wav", desk / "song.wav")
    damage(desk / "song.wav")
    song = next(desk.glob("song.*"))
    message = refused("separate", world.model, song.name)
    assert message.startswith(f"{song.name} {DAMAGES[damage]}")


def test_a_damaged_song_in_a_folder_is_left_out_and_counted(auralflow, world, desk, damage):
    for name in ("good", "bad"):
        (desk / "songs").mkdir(exist_ok=True)
        shutil.copy(world.data / "plain" / "mixture.wav", desk / "songs" / f"{name}.wav")
    damage(desk / "songs" / "bad.wav")
    outcome = auralflow("separate", world.model, "songs", "--save", "stems")
    assert outcome.code == 1
    assert "1 of 2 songs were left out:" in outcome.err
    assert DAMAGES[damage] in outcome.err
    assert files_below(desk / "stems") == ["good/residual.wav", "good/vocals.wav"]


def test_evaluation_names_a_damaged_file_or_leaves_it_out_and_counts(
    auralflow, world, desk, damage
):
    shutil.copytree(world.data, desk / "data")
    damage(desk / "data" / "plain" / "vocals.wav")
    words = ["evaluate", world.model, "--data", "data", "--split", "all", "--save", "scores"]
    assert "plain/vocals." in auralflow.refuses(*words)
    assert not (desk / "scores" / "metrics.txt").exists()
    outcome = auralflow(*words, "--skip-broken")
    assert outcome.code == 1, outcome.both
    assert "Left out 1 " in outcome.out


def test_misspelt_and_ill_typed_keys_of_files_and_flags_come_at_once(auralflow, world, desk):
    (desk / "conf").mkdir()
    (desk / "conf" / "data_config.yaml").write_text("data:\n  monno: true\n  split: half\n")
    (desk / "conf" / "train_config.json").write_text('{"train": {"epoch": 3}}')
    before = contents(desk)
    message = auralflow.refuses(
        "train", "--name", "v", "--data", world.data, "--load", "conf", "--lrr", 1, "--lr", "fast"
    )
    assert message.splitlines()[0] == "5 settings are wrong:"
    for part in (
        "data_config.yaml: monno is not a key here (did you mean mono?)",
        "data_config.yaml: split is half, but must be a number",
        "train_config.json: epoch is not a key here (did you mean epochs?)",
        "--lrr is not a key of model, data or train (did you mean lr?)",
        "--lr is fast, but must be a number",
    ):
        assert part in message
    assert contents(desk) == before


@pytest.mark.parametrize("target", ["vocal", "piano", "vocals,piano"])
def test_a_target_the_dataset_does_not_have(refused, world, target):
    message = refused(*train_on(world.data), "--targets", target)
    assert message.endswith("choose among bass, drums, other, vocals")
    assert f"has no stem {target.split(',')[-1]}" in message


def test_a_depth_the_spectrum_cannot_hold(refused, world):
    assert "set max-layers to 7 or less" in refused(*train_on(world.data), "--max-layers", 8)


@pytest.mark.parametrize("command", ["separate", "evaluate", "train"])
def test_a_model_that_is_not_there(refused, world, command):
    words = [
        command,
        "nobody",
        *([world.data] if command == "separate" else ["--data", world.data]),
    ]
    assert "nobody is no model folder (no models were found here)" in refused(*words)


@pytest.mark.parametrize("command", ["separate", "evaluate"])
def test_a_model_that_is_not_trained(auralflow, refused, world, command):
    auralflow("config", "--name", "new", "--session", ".")
    words = [command, "new", *([world.data] if command == "separate" else ["--data", world.data])]
    assert "train it first with `auralflow train new --data PATH`" in refused(*words)


def test_a_checkpoint_of_another_architecture(refused, world, desk):
    weights = read_checkpoint(world.model / "checkpoint" / "my voice_best.pth")
    deeper = read_settings([Layer("", weights.settings.as_plain()), Layer("", {"max-layers": 3})])
    write_checkpoint(desk / "mixed.pth", Checkpoint(deeper, weights.targets, weights.state))
    message = refused("separate", "mixed.pth", world.data / "plain" / "mixture.wav")
    assert message.startswith("mixed.pth holds weights of another architecture")


def test_a_checkpoint_that_is_none(refused, world, desk):
    (desk / "song.pth").write_text("la la la")
    assert "song.pth is" in refused("evaluate", "song.pth", "--data", world.data)


def test_resuming_as_another_network(auralflow, world, desk):
    shutil.copytree(world.session, desk, dirs_exist_ok=True)
    before = contents(desk)
    words = ["train", "my voice", "--data", world.data, "--resume", "--max-layers", 3, "--no-mono"]
    message = auralflow.refuses(*words)
    assert "max-layers was 2 and is 3; mono was true and is false" in message
    assert contents(desk) == before


def test_resuming_what_was_never_trained(refused, world):
    message = refused(*train_on(world.data), "--resume")
    assert "voice_latest.pth is not there, so there is nothing to resume" in message


def test_a_trained_model_is_not_trained_over(refused, world, desk):
    shutil.copytree(world.session, desk, dirs_exist_ok=True)
    message = refused("train", "my voice", "--data", world.data)
    assert "my voice is trained already" in message
    assert "--resume" in message
    assert "--force" in message


def test_stems_are_not_written_over_unless_forced(auralflow, refused, world, desk):
    words = ["separate", world.model, world.data / "plain" / "mixture.wav", "--save", "stems"]
    assert auralflow(*words).code == 0
    words += ["--overlap", 0.5]
    assert "exists already and 1 more: pass --force" in refused(*words)
    assert auralflow(*words, "--force").code == 0


def test_nothing_to_separate(refused, world, desk):
    (desk / "texts").mkdir()
    (desk / "texts" / "a.txt").write_text("")
    assert "nowhere does not exist" in refused("separate", world.model, "nowhere")
    assert "texts holds no audio file, at any depth" in refused("separate", world.model, "texts")


def test_a_split_that_does_not_exist(refused, world):
    message = refused("evaluate", world.model, "--data", world.data, "--split", "tets")
    assert "split is tets (did you mean test?)" in message


def test_a_place_that_cannot_be_written_to(refused, world, desk):
    # A file where a folder should be refuses everybody, and permissions would not stop root.
    (desk / "file").write_text("mine")
    song = world.data / "plain" / "mixture.wav"
    assert "file" in refused("separate", world.model, song, "--save", "file")
    assert "file" in refused("evaluate", world.model, "--data", world.data, "--save", "file")
    assert "file" in refused(*train_on(world.data), "--checkpoint", "file/inside")


def test_any_name_of_a_track_works_from_end_to_end(auralflow, world, desk):
    seen = read_checkpoint(world.model / "checkpoint" / "my voice_latest.pth").progress["tracks"]
    assert sorted(seen["train"] + seen["valid"]) == sorted(TRACKS)
    for name in TRACKS:
        outcome = auralflow(
            "separate",
            world.model,
            world.data / name / "mixture.wav",
            "--save",
            desk / "stems" / name,
        )
        assert outcome.code == 0, outcome.err
        assert (desk / "stems" / name / "mixture" / "vocals.wav").is_file()
    outcome = auralflow(
        "evaluate", world.model, "--data", world.data, "--split", "all", "--save", desk / "scores"
    )
    assert outcome.code == 0, outcome.err
    text = (desk / "scores" / "metrics.txt").read_text(encoding="utf-8")
    assert all(name[:20] in text for name in TRACKS)
