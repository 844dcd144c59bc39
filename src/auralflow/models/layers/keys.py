"""Names of the parts of a network that belong to targets, whatever these are called."""

from torch import nn

__all__ = ["key_of_target"]


def key_of_target(target: str) -> str:
    """The name of a target's module: the target itself where torch allows it, and never that of another target."""
    key = target.replace("%", "%25").replace(".", "%2E")
    # A module cannot be called what its container already has, such as "keys".
    return f"%{key}" if hasattr(nn.ModuleDict(), key) or not key else key
