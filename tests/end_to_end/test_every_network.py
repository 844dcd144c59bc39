"""Every network of the catalogue through the same commands: configured, trained some steps, used."""

import pytest
import soundfile

from auralflow.models import ARCHITECTURES
from tests.end_to_end.conftest import RATE

_COMMON = (
    f"--sample-rate {RATE} --chunk-size 1 --load-size 4 --batch-size 2 --epochs 1 --workers 0 --no-tensorboard --no-mono"
).split()
_SMALL = {
    "unet": "--max-layers 2 --init-features 2",
    "adaptive": "--max-layers 2 --init-features 2 --bottleneck [[lstm]]",
    "openunmix": "--max-layers 1 --init-features 8",
    "demucs": "--max-layers 2 --init-features 4",
    "hdemucs": "--max-layers 4 --init-features 4 --num-fft 256 --window-size 256 --hop-length 64",
    "spleeter": "--max-layers 2 --init-features 2 --num-fft 256 --window-size 256 --hop-length 64",
    "htdemucs": "--max-layers 2 --init-features 8 --transformer.heads 2 --transformer.layers 2 --num-fft 256"
    " --window-size 256 --hop-length 64",
}
"""Flags that make a network of each family small."""


@pytest.mark.parametrize("name", [entry.name for entry in ARCHITECTURES])
def test_a_network_is_trained_and_separates_by_its_name_alone(auralflow, world, desk, name):
    entry = next(entry for entry in ARCHITECTURES if entry.name == name)
    small = _SMALL[str(entry.config.model_fields["base_model"].default)].split()
    trained = auralflow(
        "train", "--name", "net", "--base", name.upper(), "--data", world.data,
        "--targets", "vocals,drums", *_COMMON, *small,
    )  # fmt: skip
    assert trained.code == 0, trained.err
    separated = auralflow("separate", "net", world.data / "plain" / "mixture.wav", "--save", "out")
    assert separated.code == 0, separated.err
    stems = {path.stem: soundfile.info(path) for path in (desk / "out" / "mixture").iterdir()}
    assert set(stems) == {"vocals", "drums", "residual"}
    song = soundfile.info(world.data / "plain" / "mixture.wav")
    assert {(info.frames, info.channels) for info in stems.values()} == {
        (song.frames, song.channels)
    }


@pytest.mark.parametrize("name", [entry.name for entry in ARCHITECTURES])
def test_a_written_configuration_is_read_back_as_the_same_network(auralflow, world, desk, name):
    assert auralflow("config", "--model", name, "--name", "net", "--session", ".").code == 0
    shown = auralflow("config", "--name", "net", "--show")
    fresh = auralflow("config", "--model", name, "--show")
    assert shown.code == fresh.code == 0

    def values(text: str) -> list[str]:
        return [line.rsplit("#", 1)[0].rstrip() for line in text.splitlines()]

    assert values(shown.out) == values(fresh.out)
