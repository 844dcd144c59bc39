"""An old network's body and the rows of its heads in a network for other targets."""

from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import read_checkpoint
from auralflow.models import Separator
from auralflow.training import train
from auralflow.training.heads import heads_of
from auralflow.training.starting import take_over
from tests.models.networks import CASES, TARGETS, Case, network
from tests.training.conftest import TINY

NEW = ("bass", "piano", "vocals")


def of_targets(case: Case, targets: tuple[str, ...], seed: int) -> Separator:
    torch.manual_seed(seed)
    old = network(case)
    return type(old).from_config(old.config, signal=old.signal, targets=targets).eval()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.targets == 4 and case.channels == 2], ids=str
)
def test_a_target_that_old_and_new_network_have_is_estimated_as_before(case: Case) -> None:
    old, new = of_targets(case, TARGETS, 0), of_targets(case, NEW, 1)
    started = take_over(new, old.state_dict(), TARGETS, source=Path("old.pth"))
    assert started.common == ("bass", "vocals")
    mixture = torch.randn(1, 2, 4000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before, after = old.estimate(mixture).values, new.estimate(mixture).values
    for name in ("bass", "vocals"):
        torch.testing.assert_close(
            after[:, NEW.index(name)], before[:, TARGETS.index(name)], atol=1e-6, rtol=1e-4
        )


@pytest.mark.parametrize("name", ["UNetSpec", "HTDemucs", "OpenUnmix"])
def test_everything_but_the_heads_is_taken_whole(name: str) -> None:
    case = next(c for c in CASES if c.name == name and c.targets == 4 and c.channels == 2)
    old, new = of_targets(case, TARGETS, 0), of_targets(case, NEW, 1)
    started = take_over(new, old.state_dict(), TARGETS, source=Path("old.pth"))
    if name == "OpenUnmix":
        # It has a whole network for each target.
        assert all(".bass." in entry or ".vocals." in entry for entry in started.taken)
        assert all(".piano." in entry for entry in started.fresh)
    else:
        assert set(started.heads) == set(heads_of(new))
        assert not started.fresh
    if name == "UNetSpec":
        assert started.heads == ("unet.decoder.1.after.0.weight", "unet.decoder.1.after.0.bias")
    state = new.state_dict()
    for entry in started.taken:
        assert torch.equal(state[entry], old.state_dict()[entry])


def test_the_same_targets_in_another_order_keep_their_rows() -> None:
    case = next(c for c in CASES if c.name == "HTDemucs" and c.targets == 4 and c.channels == 2)
    turned = TARGETS[::-1]
    old, new = of_targets(case, TARGETS, 0), of_targets(case, turned, 1)
    take_over(new, old.state_dict(), TARGETS, source=Path("old.pth"))
    mixture = torch.randn(1, 2, 4000)
    with torch.no_grad():
        torch.testing.assert_close(new(mixture), old(mixture).flip(1), atol=1e-6, rtol=1e-4)


def test_one_target_in_place_of_another_does_not_get_its_head(
    songs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = train(name="first", data=songs, epochs=1, targets="vocals", **TINY)
    caplog.set_level("INFO")
    options = {**TINY, "lr": 1e-12}
    second = train(
        name="second", data=songs, epochs=1, targets="drums", start_from="first", **options
    )
    old, new = (read_checkpoint(run.latest).state for run in (first, second))
    head = "unet.decoder.1.after.0.weight"
    assert not torch.allclose(old[head], new[head], atol=1e-6)
    body = "unet.encoder.0.before.0.weight"
    torch.testing.assert_close(old[body], new[body], atol=1e-6, rtol=0)
    assert "fresh: unet.decoder.1.after.0" in caplog.text
    assert "not taken: unet.decoder.1.after.0" in caplog.text
