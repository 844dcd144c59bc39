"""The keys of `train_config.yaml`."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt

from auralflow.config import Config
from auralflow.losses.names import LossName

__all__ = ["TrainConfig"]


class TrainConfig(Config):
    """Training."""

    epochs: Annotated[int, Gt(0)] = 100
    """Passes over load-size chunks at most."""
    patience: Annotated[int, Gt(0)] = 10
    """Epochs without improvement before training stops."""
    monitor: Literal["loss", "sdr"] = "loss"
    """What improvement means, on the validation tracks: a lower loss or a higher SDR. It decides what best is."""
    batch_size: Annotated[int, Gt(0)] = 8
    """Chunks in a training step, on each GPU."""
    optim: Literal["adam", "adamw", "sgd"] = "adam"
    """Optimiser."""
    lr: Annotated[float, Gt(0)] = 0.001
    """Learning rate."""
    loss: LossName = "l1"
    """Distance between estimate and truth, in the domain the network estimates in."""
    seed: Annotated[int, Ge(0)] = 0
    """Everything random follows from this number: first weights, chunks, dropout."""
    workers: Annotated[int, Ge(0)] = 8
    """Processes that read chunks; no more than the machine has cores."""
    pin_mem: bool = True
    """Read chunks into page-locked memory where a GPU is used, which copies faster."""
    cuda: bool = True
    """Use a GPU where one is."""
    compile: bool = False
    """Compile each level of the network with torch.compile for training: half a minute or more at the start, faster steps
    on GPUs. Needs a C++ compiler, on a GPU Triton."""
    num_gpus: Annotated[int, Gt(0)] = 1
    """GPUs on each machine; without a GPU, processes."""
    num_nodes: Annotated[int, Gt(0)] = 1
    """Machines that train together."""
    max_minutes: Annotated[float, Ge(0)] = 0.0
    """Stop after so many minutes, with everything saved; 0 is no limit."""
    save_every: Annotated[int, Ge(0)] = 0
    """Keep a checkpoint called <model>_<epoch>.pth every so many epochs; 0 keeps latest and best only."""
    checkpoint: str | None = None
    """Folder for checkpoints, if not the model folder's."""
    metrics: str | None = None
    """Folder for metrics.txt and metrics.json, if not the model folder."""
    tensorboard: bool = True
    """Write logs for TensorBoard to the session's runs folder."""
