"""Open-Unmix in every branch that its package has, small enough to run in no time."""

from dataclasses import dataclass, field
from typing import Any

from auralflow.models import Separator, create

__all__ = ["CASES", "OpenUnmixCase", "network"]

_ALL = ("vocals", "drums", "bass", "other")


@dataclass(frozen=True)
class OpenUnmixCase:
    """Keys of ours and arguments of the package that mean the same."""

    name: str
    targets: tuple[str, ...] = ("vocals",)
    channels: int = 2
    keys: dict[str, Any] = field(default_factory=dict)
    """For `auralflow.models.create`."""
    core: dict[str, Any] = field(default_factory=dict)
    """For `openunmix.model.OpenUnmix`."""
    separator: dict[str, Any] = field(default_factory=dict)
    """For `openunmix.model.Separator`."""
    num_fft: int = 128
    hop_length: int = 32
    sample_rate: int = 8000
    batch: int = 1
    samples: int = 1000

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name

    @property
    def golden(self) -> str:
        """Name of the stored output."""
        return f"openunmix-{self.name}"


def _filtered(name: str, **keys: Any) -> OpenUnmixCase:
    """Three targets and what the package calls the keys of the section `wiener`, with several windows."""
    names = {"iterations": "niter", "window": "wiener_win_len"}
    wiener = {"window": 10, **keys}
    separator = {names.get(key, key): value or None for key, value in wiener.items()}
    separator["niter"] = wiener.get("iterations", 1)
    return OpenUnmixCase(
        name,
        targets=_ALL[:3],
        keys={"wiener": wiener, "init_features": 8},
        core={"hidden_size": 8},
        separator=separator,
    )


CASES = (
    OpenUnmixCase(
        "defaults",
        keys={"init_features": 16},
        core={"hidden_size": 16},
        num_fft=4096,
        hop_length=1024,
        sample_rate=44_100,
        samples=5000,
    ),
    OpenUnmixCase("batch", keys={"init_features": 8}, core={"hidden_size": 8}, batch=2),
    OpenUnmixCase("mono", channels=1, keys={"init_features": 8}, core={"hidden_size": 8}),
    OpenUnmixCase(
        "unidirectional",
        keys={"init_features": 8, "unidirectional": True},
        core={"hidden_size": 8, "unidirectional": True},
    ),
    OpenUnmixCase(
        "one-layer",
        keys={"init_features": 8, "max_layers": 1},
        core={"hidden_size": 8, "nb_layers": 1},
    ),
    # 8000/128 = 62.5 Hz a bin: 2000 Hz is bin 32, so that 33 bins are heard.
    OpenUnmixCase(
        "bandwidth",
        keys={"init_features": 8, "bandwidth": 2000.0},
        core={"hidden_size": 8, "max_bin": 33},
    ),
    # The package's speech networks have a hop of half a window.
    OpenUnmixCase("half-hop", keys={"init_features": 8}, core={"hidden_size": 8}, hop_length=64),
    _filtered("iterations-0", iterations=0),
    _filtered("iterations-1"),
    _filtered("iterations-2", iterations=2),
    _filtered("softmask", softmask=True),
    _filtered("softmask-only", softmask=True, iterations=0),
    _filtered("residual", residual=True, iterations=2),
    _filtered("whole-signal", window=0),
)


def network(case: OpenUnmixCase) -> Separator:
    """Ours, with fresh weights."""
    return create(
        "openunmix",
        targets=case.targets,
        channels=case.channels,
        sample_rate=case.sample_rate,
        num_fft=case.num_fft,
        window_size=case.num_fft,
        hop_length=case.hop_length,
        **case.keys,
    )
