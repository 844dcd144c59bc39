"""Several networks that answer together."""

import numpy as np
import pytest
import soundfile

from auralflow.errors import ConfigError, ModelError
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation import Bag, Member, open_stream, separate, separate_file
from tests.separation.networks import Gains
from tests.separation.sounds import in_blocks, noise

OPTIONS = SeparationOptions(segment_seconds=0.1)


def two() -> Bag:
    return Bag(
        [
            Member(Gains({"vocals": 0.5, "drums": 0.25})),
            Member(Gains({"drums": 0.75, "bass": 0.1}), {"drums": 3.0, "bass": 1.0}),
        ]
    )


def test_each_target_is_the_weighted_mean_of_those_that_have_it():
    audio = noise(3001)
    stems = separate(two(), audio, sample_rate=8000, options=OPTIONS)
    assert list(stems) == ["vocals", "drums", "bass"]
    np.testing.assert_allclose(stems["vocals"], 0.5 * audio, atol=1e-6)
    np.testing.assert_allclose(stems["drums"], (0.25 + 3 * 0.75) / 4 * audio, atol=1e-6)
    np.testing.assert_allclose(stems["bass"], 0.1 * audio, atol=1e-6)


def test_networks_of_other_rates_and_channels_blend_in_time():
    audio = np.sin(2 * np.pi * 200 * np.arange(24_000) / 16_000)[None].repeat(2, 0)
    audio = (0.5 * audio).astype(np.float32)
    bag = Bag(
        [
            Member(Gains({"vocals": 1.0})),
            Member(Gains({"vocals": 1.0}, channels=1, sample_rate=12_000)),
        ]
    )
    stems = separate(bag, audio, sample_rate=16_000, options=OPTIONS)
    assert stems["vocals"].shape == audio.shape
    np.testing.assert_allclose(stems["vocals"][:, 500:-500], audio[:, 500:-500], atol=1e-4)


def test_a_network_that_counts_for_no_wanted_target_is_not_run():
    first, second = Gains({"vocals": 0.5}), Gains({"drums": 0.5})
    bag = Bag([Member(first), Member(second)])
    options = SeparationOptions(segment_seconds=0.1, targets=("drums",))
    stems = separate(bag, noise(2000), sample_rate=8000, options=options)
    assert list(stems) == ["drums"]
    assert not first.shapes
    assert second.shapes


def test_consistency_holds_for_the_blend_and_also_where_one_target_is_wanted():
    audio = noise(2000)
    options = SeparationOptions(segment_seconds=0.1, consistency=True)
    stems = separate(two(), audio, sample_rate=8000, options=options)
    np.testing.assert_allclose(sum(stems.values()), audio, atol=1e-6)
    one = SeparationOptions(segment_seconds=0.1, consistency=True, targets=("bass",))
    alone = separate(two(), audio, sample_rate=8000, options=one)
    np.testing.assert_allclose(alone["bass"], stems["bass"], atol=1e-6)


def test_a_bag_says_its_latency_and_keeps_it():
    stream = open_stream(two(), sample_rate=8000, channels=2, options=OPTIONS)
    pushed = done = 0
    for block in in_blocks(noise(5000)):
        done += sum(part.shape[-1] for part in stream.push(block))
        pushed += block.shape[-1]
        assert done >= pushed - stream.latency
    assert done + sum(part.shape[-1] for part in stream.finish()) == pushed


def test_a_bag_separates_files(tmp_path):
    soundfile.write(tmp_path / "song.wav", noise(4000).T, 8000)
    result = separate_file(two(), tmp_path / "song.wav", tmp_path / "out", options=OPTIONS)
    assert sorted(result.files) == ["bass", "drums", "residual", "vocals"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (list, "holds no network"),
        (lambda: [Member(Gains(), {"vocal": 1.0})], r"no target vocal \(did you mean vocals"),
        (lambda: [Member(Gains(), {"vocals": -1.0})], "counts -1.0"),
        (lambda: [Member(Gains(), {"vocals": 0.0})], "every weight"),
    ],
)
def test_bags_that_mean_nothing_are_refused(members, words):
    with pytest.raises(ModelError, match=words):
        Bag(members())


def test_a_target_that_no_network_has_is_refused_by_name():
    with pytest.raises(ConfigError, match="no target piano"):
        open_stream(
            two(), sample_rate=8000, channels=2, options=SeparationOptions(targets=("piano",))
        )
