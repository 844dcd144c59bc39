"""How long signals are on their way through strided convolutions."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from auralflow.models.tracing import divided_up, is_traced

__all__ = ["Lengths", "trim_to"]


@dataclass(frozen=True)
class Lengths:
    """The lengths that levels can divide without rest.

    A convolution of `kernel_size` with `stride` makes `(T - kernel_size) / stride + 1` of T places, and a transposed one
    the T places again. Where the two kernels differ, the shorter one decides.
    """

    depth: int
    stride: int
    kernel_size: int

    def padded(self, places: int) -> int:
        """The smallest such length that is no shorter than `places`."""
        for _ in range(self.depth):
            places = max(1, divided_up(places - self.kernel_size, self.stride) + 1)
        for _ in range(self.depth):
            places = (places - 1) * self.stride + self.kernel_size
        return places


def trim_to(features: Tensor, places: int) -> Tensor:
    """The middle of `B K T`; of an odd surplus the end has more."""
    surplus = features.shape[-1] - places
    if is_traced():
        return F.pad(features, (-(surplus // 2), surplus // 2 - surplus))
    if surplus <= 0:
        return features
    return features.narrow(-1, surplus // 2, places)
