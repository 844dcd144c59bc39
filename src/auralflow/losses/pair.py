"""What a loss compares: an estimate of a mixture's stems, and the truth."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from auralflow.errors import ModelError
from auralflow.losses.sound import Hearing, Resolution, Sound
from auralflow.shapes import Mixture, Stems

__all__ = ["Pair"]


@dataclass(frozen=True)
class Pair:
    """An estimate and the truth, in any form a loss asks for.

    Nothing is computed before it is asked for, and nothing twice: a loss on magnitudes of a network that computes in
    magnitudes pays for no inverse transform, and losses that are added up share theirs.
    """

    estimate: Sound
    """`B S …`"""
    reference: Sound
    """`B S …`"""
    mixture: Sound
    """`B 1 …`"""
    residual: Sound
    """What the mixture holds beside each true stem, `B S …`."""
    targets: int
    resolution: Resolution
    """The network's own transform."""
    sample_rate: int

    @classmethod
    def of(
        cls,
        values: Tensor,
        audio: Callable[[], Stems],
        *,
        stems: Stems,
        mixture: Mixture,
        represent: Callable[[Stems], Tensor],
        resolution: Resolution,
        sample_rate: int,
    ) -> "Pair":
        """A network's `values`, magnitudes `B S C F N` or samples `B S C T`, of a mixture, with the true stems.

        `audio` computes the samples of the estimate, and `represent` the values of any stems.

        Raises `ModelError` if the shapes do not fit, since broadcasting would hide the mistake.
        """
        found, true = tuple(values.shape), tuple(stems.shape)
        in_magnitudes = values.dim() == 5
        fits = found[:3] == true[:3] if in_magnitudes else found == true
        if not fits or stems.dim() != 4:
            raise ModelError(
                f"the estimate has shape {found}, the reference {true}: a loss compares equal shapes"
            )
        if tuple(mixture.shape) != (true[0], *true[2:]):
            raise ModelError(
                f"the mixture has shape {tuple(mixture.shape)}, the reference {true}: "
                "give the mixture (batch, channels, samples) of those stems"
            )
        hearing = Hearing(represent, resolution, in_magnitudes)
        whole = mixture.unsqueeze(1)
        return cls(
            estimate=hearing.listen(audio, values),
            reference=hearing.listen(lambda: stems),
            mixture=hearing.listen(lambda: whole),
            residual=hearing.listen(lambda: whole - stems),
            targets=true[1],
            resolution=resolution,
            sample_rate=sample_rate,
        )

    @classmethod
    def of_audio(
        cls,
        estimate: Stems,
        stems: Stems,
        *,
        mixture: Mixture,
        resolution: Resolution,
        sample_rate: int,
    ) -> "Pair":
        """Samples against samples, as of a network that computes in them."""
        return cls.of(
            estimate,
            lambda: estimate,
            stems=stems,
            mixture=mixture,
            represent=lambda audio: audio,
            resolution=resolution,
            sample_rate=sample_rate,
        )

    def rolled(self, places: int) -> "Pair":
        """The estimate of target `i + places` against the reference of target `i`, the first ones following the last."""
        return replace(self, estimate=self.estimate.rolled(places))
