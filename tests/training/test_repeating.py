"""Kernels that have the same bits each time: asked for within a step, and told of where there are none."""

import logging
import warnings

import pytest
import torch

from auralflow.training.repeating import SameBits, same_bits

WARNINGS = (
    (
        "reflection_pad1d_backward_out_cuda does not have a deterministic implementation, but you set "
        "'torch.use_deterministic_algorithms(True, warn_only=True)'. You can file an issue."
    ),
    (
        "Memory Efficient attention defaults to a non-deterministic algorithm. To explicitly enable determinism call "
        "torch.use_deterministic_algorithms(True, warn_only=False)."
    ),
)


def is_wished_for() -> bool:
    return torch.is_deterministic_algorithms_warn_only_enabled()


def test_what_was_set_before_is_set_again():
    assert not is_wished_for()
    with pytest.raises(KeyError), same_bits():  # noqa: PT012  (what is inside is the point)
        assert is_wished_for()
        raise KeyError
    assert not is_wished_for()
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("end", ["on_train_batch_end", "on_exception"])
def test_it_holds_from_the_start_of_a_step_to_its_end(end):
    steps = SameBits()
    for _ in range(2):
        steps.on_train_batch_start()
        assert is_wished_for()
        getattr(steps, end)()
        assert not is_wished_for()


def test_operations_without_such_a_kernel_are_told_of_once_and_other_warnings_stay(caplog):
    steps = SameBits()
    caplog.set_level(logging.WARNING)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for _ in range(2):
            steps.on_train_batch_start()
            for text in (*WARNINGS, "something else"):
                warnings.warn(text, UserWarning, stacklevel=1)
            steps.on_train_batch_end()
    assert caplog.messages == [
        (
            "This training cannot be repeated bit for bit on a GPU: torch has no kernel of Memory Efficient attention, "
            "reflection_pad1d_backward_out_cuda that adds up in one order"
        )
    ]
    assert [str(warning.message) for warning in heard] == ["something else"] * 2
