"""What is made of a network's stems: differences, and the four stems of a stem file."""

import numpy as np
import pytest
import soundfile

from auralflow.audio import Encoding, read
from auralflow.datasets.layouts.musdb_stem import MUSDB_STEM
from auralflow.errors import ConfigError
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation import Order
from auralflow.separation.parts import plan_parts
from auralflow.separation.song import separate_song
from tests.separation.networks import Gains
from tests.separation.sounds import noise, tone

FOUR = {"vocals": 0.4, "drums": 0.3, "bass": 0.2, "other": 0.05}
STEMS = Order(Encoding("stem.mp4"))


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, noise(20_003).T, 8000, subtype="FLOAT")
    return path


def shares(plan_of, targets, **options) -> dict[str, tuple[tuple[str, ...], bool]]:
    plan = plan_parts(targets, plan_of, **options)
    return {part.name: (part.stems, part.is_difference) for part in plan.parts}


def test_the_song_without_a_stem_is_the_exact_difference(song, tmp_path):
    order = Order(mixture_minus=("vocals",), residual=False)
    options = SeparationOptions(targets=("vocals",))
    made = separate_song(Gains(FOUR), song, tmp_path / "out", order, options=options)
    assert list(made.files) == ["vocals", "mixture-minus-vocals"]
    stems = {name: read(file) for name, file in made.files.items()}
    np.testing.assert_array_equal(stems["mixture-minus-vocals"], read(song) - stems["vocals"])
    np.testing.assert_allclose(stems["vocals"], 0.4 * read(song), atol=1e-6)


def test_the_song_can_lack_several_stems_none_of_which_is_written(song, tmp_path):
    order = Order(mixture_minus=("vocals", "drums"), residual=False)
    options = SeparationOptions(targets=("bass",))
    made = separate_song(Gains(FOUR), song, tmp_path / "out", order, options=options)
    assert list(made.files) == ["bass", "mixture-minus-vocals-drums"]
    found = read(made.files["mixture-minus-vocals-drums"])
    np.testing.assert_allclose(found, (1 - 0.4 - 0.3) * read(song), atol=1e-6)


def test_only_what_is_needed_is_asked_of_the_network():
    order = Order(mixture_minus=("drums",), residual=False)
    assert plan_parts(tuple(FOUR), order, ["bass"]).targets == ("drums", "bass")
    assert plan_parts(tuple(FOUR), Order(residual=False), ["bass"]).targets == ("bass",)


def test_stems_that_the_network_does_not_have_are_named():
    with pytest.raises(ConfigError, match=r"no target drum \(did you mean drums\?\)"):
        plan_parts(tuple(FOUR), Order(mixture_minus=("drum",)))
    with pytest.raises(ConfigError, match="mixture-minus-vocals, as another file would be"):
        plan_parts(("vocals", "mixture-minus-vocals"), Order(mixture_minus=("vocals",)))


MIX = {"mixture": ((), True)}


@pytest.mark.parametrize(
    ("targets", "residual", "expected"),
    [
        # Each has its own.
        (("vocals", "drums", "bass", "other"), True, {"drums": (("drums",), False), "bass": (("bass",), False), "other": (("other",), False), "vocals": (("vocals",), False)}),
        # What has no stream of its own is other.
        (("drums", "guitar", "vocals", "bass", "other"), True, {"drums": (("drums",), False), "bass": (("bass",), False), "other": (("guitar", "other"), False), "vocals": (("vocals",), False)}),
        # Of a network for less, other is what is left of the song, so that all four sum to it.
        (("vocals",), True, {"drums": ((), False), "bass": ((), False), "other": (("vocals",), True), "vocals": (("vocals",), False)}),
        (("vocals",), False, {"drums": ((), False), "bass": ((), False), "other": ((), False), "vocals": (("vocals",), False)}),
    ],
)  # fmt: skip
def test_a_stem_file_has_four_stems_whatever_the_network_has(targets, residual, expected):
    order = Order(Encoding("stem.mp4"), residual=residual)
    assert shares(order, targets) == {**MIX, **expected}


def test_a_stem_file_of_stems_without_a_place_is_refused():
    with pytest.raises(ConfigError, match="the network has only guitar: choose another format"):
        plan_parts(("guitar",), STEMS)
    with pytest.raises(
        ConfigError, match=r"mixture-minus is vocals, for which a stem\.mp4 file has no place"
    ):
        Order(Encoding("stem.mp4"), mixture_minus=("vocals",))


@pytest.mark.parametrize("overs", ["clip", "rescale"])
def test_a_stem_file_is_read_back_by_our_own_layout_in_time(tmp_path, overs):
    samples = 44_117
    mixture = tone(samples, sample_rate=44_100)
    soundfile.write(tmp_path / "song.wav", mixture.T, 44_100, subtype="FLOAT")
    gains = {**FOUR, "vocals": 3.0 if overs == "rescale" else 1.5}
    order = Order(Encoding("stem.mp4"), overs=overs)
    network = Gains(gains, sample_rate=44_100)
    made = separate_song(network, tmp_path / "song.wav", tmp_path / "out", order)
    assert made.files == {"stems": tmp_path / "out" / "song.stem.mp4"}
    [track] = MUSDB_STEM.find(tmp_path / "out")
    gain = made.gain
    assert (gain < 1) == (overs == "rescale")
    for name, factor in gains.items():
        [source] = track.stems[name]
        found = read(source.path, stream=source.stream)
        expected = gain * factor * mixture
        assert found.shape == expected.shape
        # AAC keeps a tone to 40 dB; a shift of one sample of it would leave 24 dB.
        deviation = np.mean((found - expected) ** 2) / np.mean(expected**2)
        assert 10 * np.log10(deviation) < -35
