"""The network as training begins with it: fresh weights, those of an earlier training, those that stay as they are."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import torch
from torch import Tensor

from auralflow.checkpoints import build_network, find_checkpoint, read_checkpoint
from auralflow.config.layers import did_you_mean
from auralflow.errors import CheckpointError, ConfigError
from auralflow.models.base import Separator
from auralflow.settings import Settings, TrainConfig
from auralflow.training.adapting import adapt
from auralflow.training.compiling import compile_levels
from auralflow.training.heads import Head, heads_of
from auralflow.training.recomputing import recompute_activations

__all__ = ["Started", "begin", "freeze", "make_network", "start_from", "take_over"]

log = logging.getLogger(__name__)

_SHOWN = 5


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


def begin(network: Separator, config: TrainConfig, *, resumes: bool) -> None:
    """Take over the weights that `start-from` names, unless a checkpoint is gone on from, and say which are learnt.

    Raises `CheckpointError` for a start that does not fit, `ConfigError` for patterns that match nothing.
    """
    fresh: tuple[str, ...] = ()
    if not resumes and config.start_from is not None:
        fresh = start_from(network, config.start_from).random
    elif not resumes and config.lora.rank:
        raise ConfigError(
            f"lora.rank is {config.lora.rank} and start-from is not set, so that random weights would rest: name "
            "a trained model with start-from, or set lora.rank to 0"
        )
    freeze(network, config.freeze)
    adapt(network, config.lora, fresh=fresh, seed=config.seed)


@dataclass(frozen=True)
class Started:
    """What a network took over from a checkpoint, by the names of its weights."""

    source: Path
    taken: tuple[str, ...]
    """Whole."""
    heads: tuple[str, ...]
    """Those of which the rows of some targets were taken; the other rows are fresh."""
    common: tuple[str, ...]
    """The targets that old and new network have."""
    is_complete: bool
    """Whether the new network has no others."""
    fresh: tuple[str, ...]
    """Those for which the checkpoint has nothing that fits."""
    left: tuple[str, ...]
    """Those of the checkpoint that fit nowhere."""

    @property
    def random(self) -> tuple[str, ...]:
        """The weights that are not known, or not all of whose rows are."""
        return self.fresh if self.is_complete else (*self.fresh, *self.heads)

    def describe(self) -> str:
        """A line for each of these that is not empty."""
        total = len(self.taken) + len(self.heads) + len(self.fresh)
        lines = [f"Beginning with {len(self.taken)} of {total} weights from {self.source}"]
        if self.heads:
            lines.append(f"  rows of {', '.join(self.common)} kept in: {_some(self.heads)}")
        if self.fresh:
            lines.append(f"  fresh: {_some(self.fresh)}")
        if self.left:
            lines.append(f"  not taken: {_some(self.left)}")
        return "\n".join(lines)


def start_from(network: Separator, source: str) -> Started:
    """Take over every weight of a checkpoint that fits by name and shape; what does not fit stays fresh, and is told.

    So a network for new targets begins with an old one's body, and with heads of its own. Where old and new heads have
    targets in common, these keep their rows.

    Raises `CheckpointError` if there is no checkpoint, or nothing in it fits.
    """
    path = find_checkpoint(source)
    checkpoint = read_checkpoint(path)
    started = take_over(network, checkpoint.plain_state(), checkpoint.targets, source=path)
    log.info("%s", started.describe())
    return started


def take_over(
    network: Separator, given: Mapping[str, Tensor], targets: tuple[str, ...], *, source: Path
) -> Started:
    """The same from a plain state dict of a network for `targets`; `source` is for messages."""
    own = network.state_dict()
    fitting = {
        name: value
        for name, value in given.items()
        if name in own and own[name].shape == value.shape
    }
    heads: dict[str, Tensor] = {}
    if targets != network.targets:
        known = heads_of(network)
        # Heads of equal shape for other targets, or for the same in another order, have other rows.
        fitting = {name: value for name, value in fitting.items() if name not in known}
        heads = _with_rows(network, known, given, targets)
    if not fitting:
        raise CheckpointError(
            f"{source} has {len(given)} weights, of which none fits this network by name and shape: configure it as that "
            "one was, or leave start-from away"
        )
    network.load_state_dict({**fitting, **heads}, strict=False)
    return Started(
        source=source,
        taken=tuple(fitting),
        heads=tuple(heads),
        common=tuple(name for name in network.targets if name in targets),
        is_complete=set(network.targets) <= set(targets),
        fresh=tuple(name for name in own if name not in fitting and name not in heads),
        left=tuple(name for name in given if name not in fitting and name not in heads),
    )


def _with_rows(
    network: Separator,
    known: Mapping[str, Head],
    given: Mapping[str, Tensor],
    old_targets: Sequence[str],
) -> dict[str, Tensor]:
    """The network's own heads with the rows of those targets that the old network has too."""
    common = [name for name in network.targets if name in old_targets]
    own = network.state_dict()
    found: dict[str, Tensor] = {}
    for name, head in known.items():
        old = given.get(name)
        if not common or old is None or not head.fits(old, own[name], len(old_targets)):
            continue
        value = own[name].clone()
        for target in common:
            rows = head.of_target(old, old_targets.index(target))
            head.of_target(value, network.targets.index(target)).copy_(rows)
        found[name] = value
    return found


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:_SHOWN])}{f' and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''}"


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
