"""The training of msst 0.1.0 in a process of its own: `python -m trainers.msst MUSIC STEPS WORKERS BASE`.

`msst.train` runs from its start to the end of its first epoch. It logs every step to wandb: in that package's place
stands the clock, which costs less. Packages that msst imports for losses and metrics that are not chosen are empty.
Without a GPU, 0.1.0 takes the word `cpu` for a device, whose type it asks for, and fails; it is given the device.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from loaders.music import RATE
from loaders.sides import PACKAGES
from trainers.clock import Clock
from trainers.networks import HTDEMUCS

__all__: list[str] = []

UNUSED = ("auraloss", "librosa", "librosa.feature", "torch_log_wmse")


class _Unused(ModuleType):
    """A module that has a class of every name."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def _stand_in(clock: Clock, networks: list[nn.Module]) -> None:
    """Give msst the modules that it imports and that are not installed."""

    def log(values: dict[str, Any]) -> None:
        if "i" in values:
            clock.tick()
        if "train_loss" in values:
            clock.finish(networks[0])

    wandb: Any = ModuleType("wandb")
    wandb.log, wandb.init = log, lambda **_options: None
    sys.modules["wandb"] = wandb
    sys.modules.update({name: _Unused(name) for name in UNUSED})


def _config(folder: Path, steps: int) -> Path:
    """Its file of settings; YAML is a superset of JSON."""
    keys = HTDEMUCS.keys
    settings = {
        "model": "htdemucs",
        "htdemucs": {
            "channels": keys["init_features"],
            "t_layers": keys["transformer"]["layers"],
            "t_heads": keys["transformer"]["heads"],
        },
        "audio": {
            "chunk_size": HTDEMUCS.seconds * RATE,
            "min_mean_abs": 0.0,
            "sample_rate": RATE,
            "num_channels": 2,
        },
        "training": {
            "instruments": list(HTDEMUCS.targets),
            "target_instrument": None,
            "channels": 2,
            "samplerate": RATE,
            "segment": HTDEMUCS.seconds,
            "batch_size": HTDEMUCS.batch,
            "num_steps": steps,
            "num_epochs": 1,
            "optimizer": "adam",
            "lr": 0.001,
            "grad_clip": 0,
            "patience": 10,
            "reduce_factor": 0.5,
            "use_amp": False,
            "normalize": False,
        },
        "augmentations": {
            "enable": True,
            "loudness": True,
            "loudness_min": 0.25,
            "loudness_max": 1.25,
            "all": {"channel_shuffle": 0.5},
        },
        "inference": {"batch_size": 1, "num_overlap": 2},
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings))
    return path


def main() -> None:
    """Train for one epoch."""
    root, steps, workers, _ = sys.argv[1:]
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    sys.path.append(str(PACKAGES))
    networks: list[nn.Module] = []
    _stand_in(Clock(), networks)
    from msst import _training, train

    place = _training.initialize_model_and_device

    def placed(network: nn.Module, devices: list[int]) -> tuple[torch.device, nn.Module]:
        device, network = place(network, devices)
        networks.append(network)
        return torch.device(device), network

    _training.initialize_model_and_device = placed
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train(
            config_path=_config(folder, int(steps)),
            results_path=folder / "results",
            data_path=str(Path(root) / "train"),
            valid_path=str(Path(root) / "train"),
            model_type="htdemucs",
            loss=["l1_loss"],
            num_workers=int(workers),
        )


if __name__ == "__main__":
    main()
