"""Models to and from repositories on the Hugging Face Hub."""

from auralflow.hub.pull import pull
from auralflow.hub.push import push

__all__ = ["pull", "push"]
