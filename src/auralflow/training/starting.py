"""Weights to begin with, from an earlier training, and weights that are to stay as they are."""

import logging
from collections.abc import Sequence
from fnmatch import fnmatchcase

from auralflow.checkpoints import find_checkpoint, read_checkpoint
from auralflow.config.layers import did_you_mean
from auralflow.errors import CheckpointError, ConfigError
from auralflow.models.base import Separator

__all__ = ["freeze", "start_from"]

log = logging.getLogger(__name__)


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
