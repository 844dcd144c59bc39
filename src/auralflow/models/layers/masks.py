"""From a network's last features to masks."""

from torch import Tensor, nn

from auralflow.errors import ModelError

__all__ = ["Mask"]

_POINTWISE = {
    "sigmoid": nn.Sigmoid,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "hardtanh": nn.Hardtanh,
}


class Mask(nn.Module):
    """Features `B S …` to masks of the same shape in [0, 1], of which a softmax over S sums to one.

    With `bounded` off a mask may also amplify: it is only kept from being negative.
    """

    def __init__(self, activation: str, *, targets: int, bounded: bool = True) -> None:
        super().__init__()
        if activation == "softmax" and targets < 2:
            raise ModelError(
                "mask-activation is softmax and there is one target, whose mask would be 1 everywhere: "
                "choose sigmoid, or add a target"
            )
        self.limit = 1.0 if bounded else None
        # Clamping costs as much as the activation: it is left out where it would change nothing.
        self.clamps = activation in ("tanh", "hardtanh") or (activation == "relu" and bounded)
        self.activation: nn.Module = (
            nn.Softmax(dim=1) if activation == "softmax" else _POINTWISE[activation]()
        )

    def forward(self, features: Tensor) -> Tensor:
        """Masks of features."""
        mask: Tensor = self.activation(features)
        return mask.clamp(0.0, self.limit) if self.clamps else mask
