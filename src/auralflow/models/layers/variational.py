"""A variational bottleneck."""

import torch
from torch import Tensor, nn

__all__ = ["Variational"]

_LOG_VARIANCE_LIMIT = 10.0


class Variational(nn.Module):
    """Features to a mean and a log variance each; training draws from them, eval takes the mean.

    Features are `B K …` in and out. The second result is the divergence from the standard normal distribution,
    averaged over the batch and all features, in nats: KL = ½ (mean² + variance − log variance − 1).

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014.
    """

    def __init__(self, features: int, *, weight: float) -> None:
        super().__init__()
        self.weight = weight
        self.mean = nn.Linear(features, features)
        self.log_variance = nn.Linear(features, features)
        # Starts almost certain, so that a fresh network learns to separate before it learns to be vague.
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, -4.0)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The latent features, and the weighted divergence as a scalar."""
        last = features.movedim(1, -1)
        mean = self.mean(last).float()
        spread = self.log_variance(last).float()
        spread = spread.clamp(-_LOG_VARIANCE_LIMIT, _LOG_VARIANCE_LIMIT)
        latent = mean
        if self.training:
            latent = mean + torch.exp(0.5 * spread) * torch.randn_like(mean)
        divergence = 0.5 * (mean.square() + spread.exp() - spread - 1).mean()
        return latent.to(features.dtype).movedim(-1, 1), self.weight * divergence
