"""Names of files from templates."""

from pathlib import PurePath

import pytest

from auralflow.audio import Encoding
from auralflow.errors import ConfigError
from auralflow.separation.naming import checked_template, file_of

WAV, STEMS = Encoding("wav", 32), Encoding("stem.mp4")


@pytest.mark.parametrize(
    ("template", "encoding", "path"),
    [
        (None, WAV, "My song/vocals.wav"),
        (None, STEMS, "My song.stem.mp4"),
        ("{song} ({stem}).{ext}", WAV, "My song (vocals).wav"),
        ("{stem}/{song}.{ext}", Encoding("opus"), "vocals/My song.opus"),
        ("{{x}} {stem}.{ext}", WAV, "{x} vocals.wav"),
        ("for decks/{song}.{ext}", STEMS, "for decks/My song.stem.mp4"),
    ],
)
def test_a_template_gives_the_path_below_the_folder(template, encoding, path):
    checked = checked_template(template, encoding)
    found = file_of(checked, song="My song", stem="vocals", encoding=encoding)
    assert found == PurePath(path)


@pytest.mark.parametrize(
    ("template", "encoding", "message"),
    [
        ("{song}/{stme}.{ext}", WAV, r"a field {stme} \(did you mean stem\?\): there are {song}, {stem}, {ext}"),
        ("{song:>9}/{stem}.{ext}", WAV, "a field {song:>9}: there are"),
        ("{song.upper}/{stem}.{ext}", WAV, "a field {song.upper}"),
        ("{}/{stem}.{ext}", WAV, "a field {}: there are"),
        ("{song/{stem}.{ext}", WAV, "a field {song/{stem}|is not understood"),
        ("{song}/{stem}.wav", WAV, r"does not end in \.{ext}, by which programs know the format: add it"),
        ("{song}.{ext}", WAV, "would give all stems of a song one name: add {stem}"),
        ("{song} {stem}.{ext}", STEMS, "holds all stems: leave it out"),
        ("/music/{song}/{stem}.{ext}", WAV, "leads out of the folder: name that with --save"),
        ("../{song}/{stem}.{ext}", WAV, "leads out of the folder"),
    ],
)  # fmt: skip
def test_a_template_that_is_wrong_is_told_before_anything_is_done(template, encoding, message):
    with pytest.raises(ConfigError, match=message):
        checked_template(template, encoding)
