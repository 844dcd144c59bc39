"""Fresh weights of convolutions, drawn towards one size.

Source: the function `rescale_module` of Demucs (MIT licence), after Défossez et al., "Music Source Separation in the
Waveform Domain", 2019, section 4.2; written anew.
"""

import torch
from torch import nn

__all__ = ["rescale_convolutions"]

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


@torch.no_grad()
def rescale_convolutions(module: nn.Module, deviation: float) -> None:
    """Take every convolution's weights half way, on a log scale, to a standard deviation; offsets go with them."""
    for part in module.modules():
        # One weight has no deviation, and weights that are all alike cannot be brought to another.
        if isinstance(part, _CONVOLUTIONS) and part.weight.numel() > 1 and part.weight.std() > 0:
            factor = (deviation / part.weight.std()).sqrt()
            part.weight.mul_(factor)
            if part.bias is not None:
                part.bias.mul_(factor)
