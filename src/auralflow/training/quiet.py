"""Lightning without its advertising, and without advice that is wrong here."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

__all__ = ["quiet_lightning"]


@contextlib.contextmanager
def quiet_lightning() -> Iterator[None]:
    """Hold back what does not concern the user; errors, and all other warnings, stay."""
    talkers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [talker.level for talker in talkers]
    for talker in talkers:
        talker.setLevel(logging.WARNING)
    with warnings.catch_warnings():
        for message in (
            ".*does not have many workers.*",  # the number is the user's choice
            ".*exists and is not empty.*",  # resuming is meant to find its checkpoints
            ".*Checkpoint directory.*",
            ".*GPU available but not used.*",  # `cuda: false` says so
            ".*fit_loop.*mid-epoch.*",  # chunks follow from the step, so the loader needs no state
            ".*resuming from a checkpoint that ended before the epoch ended.*",
            ".*sync_dist=True.*",  # what is logged is the same on all ranks already
            ".*does not have any val.*",
            ".*`srun` command is available.*",  # whoever trains on a login node, or by torchrun, does without
            ".*Starting from v1.9.0, `tensorboardX` has been removed.*",
            ".*treespec, LeafSpec.*",
        ):
            warnings.filterwarnings("ignore", message=message)
        try:
            yield
        finally:
            for talker, level in zip(talkers, levels, strict=True):
                talker.setLevel(level)
