"""The keys of `train_config.yaml`."""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import field_validator

from auralflow.config import Config
from auralflow.config.layers import did_you_mean
from auralflow.losses.names import parse_loss
from auralflow.losses.options import LossOptions

__all__ = ["LOGGER_NAMES", "GuardConfig", "LoraConfig", "ScheduleConfig", "TrainConfig"]

LOGGER_NAMES = ("tensorboard", "csv", "wandb", "mlflow")


class ScheduleConfig(Config):
    """How the learning rate changes while training goes on."""

    name: Literal["constant", "cosine", "step", "plateau", "one-cycle"] = "constant"
    """cosine falls to the final share over all epochs; step and plateau multiply by factor; one-cycle rises to lr and falls."""
    warmup_steps: Annotated[int, Ge(0)] = 0
    """Steps over which the learning rate rises evenly from zero, before everything else; none for one-cycle."""
    final: Annotated[float, Ge(0), Le(1)] = 0.01
    """Share of lr at the end of cosine and one-cycle."""
    factor: Annotated[float, Gt(0), Lt(1)] = 0.3
    """What step and plateau multiply the learning rate with."""
    every: Annotated[int, Gt(0)] = 30
    """Epochs between the steps of step."""
    patience: Annotated[int, Ge(0)] = 3
    """Epochs without improvement before plateau takes a step; below patience, which ends training."""


class GuardConfig(Config):
    """What is done about steps that would spoil the weights."""

    spike: Annotated[float, Ge(0)] = 0.0
    """A gradient norm of so many times the usual one is a spike, whose step is skipped; 0 skips only what is not finite."""
    limit: Annotated[int, Ge(0)] = 100
    """Steps that may be skipped in a run; with one more, training stops, and the weights are those of before."""


class LoraConfig(Config):
    """Fine-tuning by changes of low rank (LoRA), while the weights themselves stay as they are."""

    rank: Annotated[int, Ge(0)] = 0
    """Rank of the changes, as 8; 0 trains without them. Wants start-from, since what rests must know something."""
    alpha: Annotated[float, Gt(0)] = 16.0
    """A change counts alpha / rank times."""
    layers: tuple[str, ...] = ()
    """Patterns of names of weights that are changed, as crosstransformer.*; by default what attention projects with."""
    whole: tuple[str, ...] = ()
    """Patterns of names of weights that are learnt whole beside, as the heads of new targets."""

    @field_validator("layers", "whole", mode="before")
    @classmethod
    def _one_pattern_is_a_list_of_one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


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
    accumulate: Annotated[int, Gt(0)] = 1
    """Batches whose gradients are added up for one step of the optimiser: a larger batch in the memory of a small one."""
    optim: Literal["adam", "adamw", "radam", "sgd", "prodigy"] = "adam"
    """Optimiser; prodigy finds the learning rate by itself (lr 1), and needs auralflow[prodigy]."""
    lr: Annotated[float, Gt(0)] = 0.001
    """Learning rate."""
    weight_decay: Annotated[float, Ge(0)] = 0.0
    """Pull of the weights towards zero; norms, offsets and other vectors are left alone."""
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Momentum of sgd."""
    schedule: ScheduleConfig = ScheduleConfig.defaults()
    """How the learning rate changes."""
    clip_norm: Annotated[float, Ge(0)] = 0.0
    """Gradients of a greater norm are scaled down to this one; 0 leaves them."""
    ema: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Decay of the exponential moving average of the weights, as 0.999; it is validated, saved and separates. 0 is none."""
    guard: GuardConfig = GuardConfig.defaults()
    """What is done about bad steps."""
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Type of the products in the network; Fourier transforms and weights stay float32. float16 needs a GPU."""
    freeze: tuple[str, ...] = ()
    """Patterns of names of weights that stay as they are, as encoder.*; `auralflow models show` lists the levels."""
    start_from: str | None = None
    """Checkpoint, model folder or name whose weights a new training begins with; what does not fit stays fresh."""
    lora: LoraConfig = LoraConfig.defaults()
    """Fine-tuning at low rank."""
    loss: str | dict[str, float] = "l1"
    """Distance between estimate and truth: the name of a loss, or names with weights, as {l1: 1.0, si-sdr: 0.1}. l1, l2 and
    smooth-l1 compare what the network computes in, magnitudes or samples; docs/losses.md lists all."""
    loss_options: LossOptions = LossOptions.defaults()
    """What some losses can be told."""
    seed: Annotated[int, Ge(0)] = 0
    """Everything random follows from this number: first weights, chunks, dropout."""
    workers: Annotated[int, Ge(0)] = 8
    """Threads that load chunks ahead; no more than the machine has cores."""
    pin_mem: bool = True
    """Read chunks into page-locked memory where a GPU is used, which copies faster."""
    cuda: bool = True
    """Use a GPU where one is."""
    deterministic: bool = True
    """On a GPU, take kernels that give the same bits each time, so that a run can be repeated and resumed exactly;
    off may be faster."""
    compile: bool = False
    """Compile each level of the network with torch.compile for training: half a minute or more at the start, faster steps
    on GPUs. Needs a C++ compiler, on a GPU Triton."""
    recompute_activations: bool = False
    """Forget what the levels of the network compute inside, and compute it again for the gradients (activation checkpointing):
    less memory, or a larger batch, for a second forward pass. The U-Nets and all Demucs offer it."""
    num_gpus: Annotated[int, Gt(0)] = 1
    """GPUs on each machine; without a GPU, processes."""
    num_nodes: Annotated[int, Gt(0)] = 1
    """Machines that train together."""
    max_minutes: Annotated[float, Ge(0)] = 0.0
    """Stop after so many minutes, with everything saved; 0 is no limit."""
    save_minutes: Annotated[float, Ge(0)] = 15.0
    """Minutes after which the latest checkpoint is written within an epoch, too; 0 writes it between epochs only."""
    save_every: Annotated[int, Ge(0)] = 0
    """Keep a checkpoint called <model>_<epoch>.pth every so many epochs; 0 keeps latest and best only."""
    checkpoint: str | None = None
    """Folder for checkpoints, if not the model folder's."""
    metrics: str | None = None
    """Folder for metrics.txt and metrics.json, if not the model folder."""
    tensorboard: bool = True
    """Write logs for TensorBoard to the session's runs folder."""
    loggers: tuple[str, ...] = ()
    """Where else a run is logged: csv, wandb, mlflow (wandb and mlflow are extras); tensorboard here is the same as the switch."""
    log_tracks: Annotated[int, Ge(0)] | tuple[str, ...] = 2
    """Validation tracks of which an excerpt is logged: the first so many by name, or their names."""
    log_seconds: Annotated[float, Gt(0)] = 8.0
    """Length of the excerpt, which lies where the targets sound most."""
    log_audio_every: Annotated[int, Ge(0)] = 10
    """Epochs between logging the excerpts as audio: mixture, estimate, truth and estimate minus truth; 0 is never."""
    log_pictures_every: Annotated[int, Ge(0)] = 10
    """Epochs between logging spectrograms and waveforms of the excerpts beside the truth, with the difference; 0 is never."""
    log_histograms_every: Annotated[int, Ge(0)] = 0
    """Epochs between logging histograms of all weights, and of the gradients of the epoch's last step; 0 is never."""

    @field_validator("freeze", mode="before")
    @classmethod
    def _one_pattern_is_a_list_of_one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("loggers", mode="before")
    @classmethod
    def _names_in_one_word(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("loggers")
    @classmethod
    def _known_loggers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in LOGGER_NAMES:
                hint = did_you_mean(name, LOGGER_NAMES) or f" (known: {', '.join(LOGGER_NAMES)})"
                raise ValueError(f"{name!r} is no logger{hint}")
        return tuple(dict.fromkeys(value))

    @field_validator("log_tracks", mode="before")
    @classmethod
    def _one_track_is_a_list_of_one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("loss")
    @classmethod
    def _known(cls, value: str | dict[str, float]) -> str | dict[str, float]:
        parse_loss(value)
        return value

    @property
    def logger_names(self) -> tuple[str, ...]:
        """Every logger that is on, `tensorboard` among them where its switch is."""
        first = ("tensorboard",) if self.tensorboard else ()
        return tuple(dict.fromkeys((*first, *self.loggers)))
