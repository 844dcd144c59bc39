"""The network as training begins with it: fresh weights, those of an earlier training, those that stay as they are."""

import logging
from collections.abc import Sequence
from fnmatch import fnmatchcase

import torch

from auralflow.checkpoints import build_network, find_checkpoint, read_checkpoint
from auralflow.config.layers import did_you_mean
from auralflow.errors import CheckpointError, ConfigError
from auralflow.models.base import Separator
from auralflow.settings import Settings, TrainConfig
from auralflow.training.compiling import compile_levels
from auralflow.training.recomputing import recompute_activations

__all__ = ["freeze", "make_network", "start", "start_from"]

log = logging.getLogger(__name__)


def make_network(settings: Settings, targets: tuple[str, ...]) -> Separator:
    """The network of the settings with the fresh weights of their seed, compiled or forgetful where that is wanted.

    Raises `TrainingError` if it cannot be compiled here, `ConfigError` if it does not offer to compute activations again.
    """
    config = settings.train
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = build_network(settings, targets)
    if config.compile:
        compile_levels(network, recomputes=config.recompute_activations)
    if config.recompute_activations:
        recompute_activations(network)
    return network


def start(network: Separator, config: TrainConfig) -> None:
    """Take over the weights that `start-from` names, if it does."""
    if config.start_from is not None:
        start_from(network, config.start_from)


def start_from(network: Separator, source: str) -> None:
    """Take over every weight of a checkpoint that fits by name and shape; what does not fit stays fresh, and is told.

    So a network for new targets begins with an old one's body, and with heads of its own.

    Raises `CheckpointError` if there is no checkpoint, or nothing in it fits.
    """
    path = find_checkpoint(source)
    given = read_checkpoint(path).state
    own = network.state_dict()
    fitting = {
        name: value
        for name, value in given.items()
        if name in own and own[name].shape == value.shape
    }
    if not fitting:
        raise CheckpointError(
            f"{path} has {len(given)} weights, of which none fits this network by name and shape: configure it as that "
            "one was, or leave start-from away"
        )
    network.load_state_dict(fitting, strict=False)
    fresh = [name for name in own if name not in fitting]
    log.info(
        "Beginning with %d of %d weights from %s%s",
        len(fitting),
        len(own),
        path,
        f"; fresh: {', '.join(fresh[:5])}{' and more' if len(fresh) > 5 else ''}" if fresh else "",
    )


def freeze(network: Separator, patterns: Sequence[str]) -> None:
    """Keep the weights whose names match a pattern, such as `encoder.*`, out of training.

    Raises `ConfigError` for a pattern that matches nothing, and where nothing is left to be learnt.
    """
    weights = dict(network.named_parameters())
    for pattern in patterns:
        names = [name for name in weights if fnmatchcase(name, pattern)]
        if not names:
            starts = sorted({name.partition(".")[0] for name in weights})
            raise ConfigError(
                f"freeze has {pattern}, which matches no weight{did_you_mean(pattern.partition('.')[0], starts)}: the "
                f"names begin with {', '.join(starts)}"
            )
        for name in names:
            weights[name].requires_grad_(False)
    if patterns and not any(weight.requires_grad for weight in weights.values()):
        raise ConfigError(
            f"freeze matches all {len(weights)} weights, so that nothing is learnt: leave some out"
        )
