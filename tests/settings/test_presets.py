"""Settings that come with the package."""

import pytest

from auralflow.checkpoints import build_network
from auralflow.errors import ConfigError
from auralflow.models import ARCHITECTURES
from auralflow.models.unet.config import UNetConfig
from auralflow.session import load_settings
from auralflow.settings import preset_names, preset_text


@pytest.mark.parametrize(
    "name",
    # Demucs of 2019 has more weights than all others together.
    [pytest.param(n, marks=pytest.mark.slow) if n == "demucs" else n for n in preset_names()],
)
def test_every_preset_describes_a_network_that_can_be_built(name):
    settings = load_settings(preset=name)
    network = build_network(settings, settings.data.targets)
    assert network.signal.sample_rate == settings.data.sample_rate
    assert type(network).__name__ == settings.model.network


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_begins_with_what_it_is(name):
    assert preset_text(name).startswith("# ")


def test_every_family_has_a_preset():
    families = {entry.config.model_fields["base_model"].default for entry in ARCHITECTURES}
    assert {load_settings(preset=name).model.base_model for name in preset_names()} == families


def test_files_and_flags_go_before_a_preset():
    settings = load_settings(preset="recurrent", flags={"bottleneck.layers": 1, "lr": 0.1})
    assert isinstance(settings.model, UNetConfig)
    assert (settings.model.bottleneck.layers, settings.train.lr) == (1, 0.1)
    # What nobody else sets is the preset's.
    assert settings.data.chunk_size == 6.0
    assert settings.origins["chunk-size"] == "preset recurrent"


def test_a_preset_that_does_not_exist_is_told_with_the_nearest():
    with pytest.raises(ConfigError, match=r"recurent is not a preset \(did you mean recurrent\?\)"):
        load_settings(preset="recurent")
