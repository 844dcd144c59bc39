"""The networks that are trained, the same for everybody."""

from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "FULL_HTDEMUCS",
    "FULL_OPENUNMIX",
    "FULL_UNET",
    "HTDEMUCS",
    "OPENUNMIX",
    "Network",
]


@dataclass(frozen=True, eq=False)
class Network:
    """One network and what it is trained on.

    A step of the small ones takes about 0.2 s on one thread of the machine of README.md; the full ones are for GPUs.
    """

    base: str
    batch: int
    seconds: int
    targets: tuple[str, ...]
    loss: str
    weight_decay: float
    keys: dict[str, Any] = field(default_factory=dict)

    def model_keys(self) -> dict[str, Any]:
        """What shapes the network, as `auralflow.models.create` takes it."""
        return {key: value for key, value in self.keys.items() if key != "precision"}

    def parameters(self, *, steps: int, workers: int) -> dict[str, Any]:
        """Our settings: stereo, every stem from a track of its own, with gain and exchanged channels as the others have."""
        return {
            "base": self.base,
            **self.keys,
            "mono": False,
            "targets": self.targets,
            "chunk_size": self.seconds,
            "batch_size": self.batch,
            "load_size": self.batch * steps,
            "epochs": 1,
            "workers": workers,
            "split": 0.0,
            "loss": self.loss,
            "weight_decay": self.weight_decay,
            "random_mix": 1.0,
            # From a quarter to five quarters.
            "augment": {
                "gain": {"probability": 1.0, "low_db": -12.04, "high_db": 1.94},
                "swap_channels": {"probability": 0.5},
            },
        }


OPENUNMIX = Network(
    "openunmix",
    batch=4,
    seconds=3,
    targets=("vocals",),
    loss="l2",
    weight_decay=1e-5,
    keys={"init_features": 256, "bandwidth": 16_000.0},
)
HTDEMUCS = Network(
    "htdemucs",
    batch=1,
    seconds=1,
    targets=("drums", "bass", "other", "vocals"),
    loss="l1",
    weight_decay=0.0,
    keys={"init_features": 8, "transformer": {"layers": 3, "heads": 4}},
)
FULL_UNET = Network(
    "unet",
    batch=16,
    seconds=3,
    targets=("vocals",),
    loss="l1",
    weight_decay=0.0,
    keys={
        "init_features": 16,
        "max_layers": 6,
        "sample_rate": 44_100,
        "num_fft": 2048,
        "window_size": 2048,
        "hop_length": 1024,
    },
)
FULL_OPENUNMIX = Network(
    "openunmix",
    batch=16,
    seconds=6,
    targets=("vocals",),
    loss="l2",
    weight_decay=1e-5,
    keys={"init_features": 512, "bandwidth": 16_000.0, "sample_rate": 44_100},
)
FULL_HTDEMUCS = Network(
    "htdemucs",
    batch=4,
    seconds=8,
    targets=("drums", "bass", "other", "vocals"),
    loss="l1",
    weight_decay=0.0,
    keys={"sample_rate": 44_100},
)
