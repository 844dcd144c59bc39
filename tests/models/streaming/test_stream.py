"""A signal in blocks through a network, by all options, against what a closed form says of it."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import Tensor

from auralflow.dsp.chunks import Chunking
from auralflow.dsp.overlap import OverlapAdd
from auralflow.dsp.windows import WINDOWS
from auralflow.errors import ConfigError
from auralflow.models import create
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from tests.separation.networks import Function, Gains

RATE = 8000
SEGMENT = 80
OPTIONS = SeparationOptions(segment_seconds=SEGMENT / RATE)


def noise(samples: int, channels: int = 2) -> Tensor:
    return torch.rand(channels, samples, generator=torch.Generator().manual_seed(1)) * 2 - 1


def streamed(
    network: Separator, signal: Tensor, options: SeparationOptions, block: int = 37
) -> Tensor:
    stream = network.stream(channels=signal.shape[0], options=options)
    parts = [part for piece in signal.split(block, dim=-1) for part in stream.push(piece)]
    return torch.cat([*parts, *stream.finish()], dim=-1)


def identity() -> Separator:
    return Function(lambda mixture: mixture)


def with_options(**values: object) -> SeparationOptions:
    return SeparationOptions(segment_seconds=SEGMENT / RATE, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("samples", [1, 2, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 997])
@pytest.mark.parametrize(("overlap", "window"), [*product([0, 0.25, 0.6, 0.95], WINDOWS)])
def test_a_network_that_returns_its_input_gives_the_input_back(samples, overlap, window):
    signal = noise(samples)
    for batch_size, shifts, flips in [
        (1, 1, ()),
        (3, 2, ("polarity",)),
        (2, 5, ("channels", "polarity")),
    ]:
        options = with_options(
            overlap=overlap, window=window, batch_size=batch_size, shifts=shifts, flips=flips
        )
        stems = streamed(identity(), signal, options)
        assert stems.shape == (1, 2, samples)
        assert (stems[0] - signal).abs().max() <= 1e-6


def test_shifts_cut_the_signal_in_as_many_ways():
    seen: list[int] = []

    def watch(mixture):
        seen.extend(int(start) for start in mixture[:, 0, 0])
        return mixture

    signal = torch.arange(400.0)[None]
    network = Function(watch, channels=1)
    streamed(network, signal, with_options(overlap=0.5, shifts=4))
    # Segments of 80 start every 40; four ways to cut lie 10 apart. All begin at the beginning and end at the end.
    assert sorted(set(seen)) == [0, *range(10, 321, 10)]


def test_the_answer_is_the_mean_over_the_ways_to_cut():
    def centred(mixture: Tensor) -> Tensor:
        return mixture - mixture.mean(-1, keepdim=True)

    signal = noise(500)
    passes = []
    for offset in (0, 20):
        chunking = replace(Chunking.with_overlap(SEGMENT, 0.5), offset=offset)
        overlap_add = OverlapAdd(lambda x: centred(x)[:, None], chunking=chunking)
        passes.append(torch.cat([*overlap_add.push(signal), *overlap_add.finish()], dim=-1))
    first, second = passes
    assert not torch.allclose(first, second, atol=1e-3)
    stems = streamed(Function(centred), signal, with_options(overlap=0.5, shifts=2))
    assert torch.allclose(stems, (first + second) / 2, atol=1e-6)


def test_flips_average_what_a_network_says_of_both_ways_round():
    # Twice as loud on the left, and only what is above zero.
    panned = Function(lambda x: (x * torch.tensor([[2.0], [1.0]])).clamp(min=0))
    signal = noise(300)
    both = streamed(panned, signal, with_options(flips=("channels",)))
    assert torch.allclose(both[0], 1.5 * signal.clamp(min=0), atol=1e-6)
    signs = streamed(panned, signal, with_options(flips=("polarity",)))
    # clamp(x) - clamp(-x) is x, halved by the mean.
    assert torch.allclose(signs[0], signal * torch.tensor([[1.0], [0.5]]), atol=1e-6)


def test_consistent_stems_sum_to_the_mixture_by_equal_shares():
    signal = noise(300)
    network = Gains({"vocals": 0.5, "drums": 0.3})
    stems = streamed(network, signal, with_options(consistency=True))
    assert torch.allclose(stems.sum(0), signal, atol=1e-6)
    assert torch.allclose(stems[0], 0.6 * signal, atol=1e-6)


def test_consistency_of_one_target_is_refused_since_it_would_be_the_mixture():
    with pytest.raises(ConfigError, match="make the whole mixture"):
        identity().stream(options=with_options(consistency=True))


def test_the_filter_moves_a_sound_that_leaked_to_where_its_direction_is():
    # Vocals left, drums right; each estimate holds a fifth of the other.
    time = torch.arange(RATE * 2) / RATE
    vocals = torch.stack([torch.sin(2 * torch.pi * 440 * time), 0 * time])
    drums = torch.stack([0 * time, torch.sin(2 * torch.pi * 450 * time)])
    leaky = Function(lambda x: x * torch.tensor([[1.0], [0.2]]))
    options = SeparationOptions(segment_seconds=2.0)
    plain = streamed(leaky, vocals + drums, options, block=5000)[0]
    refined = streamed(
        leaky, vocals + drums, SeparationOptions(segment_seconds=2.0, wiener=2), block=5000
    )[0]
    inner = slice(4000, -4000)
    leaked = plain[1, inner].square().sum()
    assert refined[1, inner].square().sum() < 0.1 * leaked
    assert (refined[0, inner] - vocals[0, inner]).square().mean() < 0.01


def test_wanted_targets_come_alone_in_the_order_of_the_network():
    network = Gains({"vocals": 0.5, "drums": 0.3, "bass": 0.1})
    signal = noise(200)
    stream = network.stream(options=with_options(targets=("bass", "vocals")))
    assert stream.targets == ("vocals", "bass")
    stems = streamed(network, signal, with_options(targets=("bass", "vocals")))
    assert torch.allclose(stems, torch.stack([0.5 * signal, 0.1 * signal]), atol=1e-6)
    with pytest.raises(ConfigError, match=r"no target vocal \(did you mean vocals"):
        network.stream(options=with_options(targets=("vocal",)))


@pytest.mark.parametrize(("batch_size", "shifts"), [(1, 1), (3, 1), (2, 3)])
def test_every_sample_is_back_after_the_stated_latency(batch_size, shifts):
    stream = identity().stream(options=with_options(batch_size=batch_size, shifts=shifts))
    done = 0
    for pushed, piece in enumerate(noise(3000).split(1, dim=-1), start=1):
        done += sum(part.shape[-1] for part in stream.push(piece))
        assert done >= pushed - stream.latency
    assert done >= 3000 - stream.latency > 0


def test_bfloat16_stays_near_float32_and_comes_back_as_float32():
    network = create("unet", channels=2, max_layers=2, init_features=4)
    signal = noise(30_000)
    exact = streamed(network, signal, SeparationOptions(), block=9000)
    rough = streamed(network, signal, SeparationOptions(precision="bfloat16"), block=9000)
    assert rough.dtype == torch.float32
    assert 0 < (rough - exact).abs().max() < 0.05


def test_only_the_reliable_middle_is_kept_where_it_is_measured():
    # Three samples to either side; at a cut, what lies beyond is taken for zero.
    def blurred(mixture: Tensor) -> Tensor:
        return torch.nn.functional.avg_pool1d(mixture, 7, 1, 3, count_include_pad=True)

    signal = noise(1000)
    whole = blurred(signal[None])[0]
    auto = streamed(Function(blurred), signal, with_options(context_seconds="auto"))
    by_hand = streamed(Function(blurred), signal, with_options(context_seconds=3 / RATE))
    plain = streamed(Function(blurred), signal, OPTIONS)
    assert (auto[0] - whole).abs().max() < 1e-6
    assert torch.equal(auto, by_hand)
    assert (plain[0] - whole).abs().max() > 1e-5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shifts": 0}, "shifts to 1"),
        ({"wiener": -1}, "0, for none"),
        ({"window": "round"}, "choose cubic"),
        ({"flips": ("time",)}, "channels, polarity"),
        ({"precision": "int8"}, "choose float32"),
        ({"context_seconds": -1.0}, "context is -1.0 s"),
        ({"overlap": 1.0}, "overlap is 1.0"),
    ],
)
def test_options_that_mean_nothing_are_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        SeparationOptions(**values)
