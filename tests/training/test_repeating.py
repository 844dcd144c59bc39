"""Kernels that have the same bits each time: asked for within a step, and a sentence where there are none."""

import pytest
import torch

from auralflow.training.repeating import SameBits, same_bits, sentence_for_unrepeatable


def test_what_was_set_before_is_set_again():
    assert not torch.are_deterministic_algorithms_enabled()
    with pytest.raises(KeyError), same_bits():  # noqa: PT012  (what is inside is the point)
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.is_deterministic_algorithms_warn_only_enabled()
        raise KeyError
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("end", ["on_train_batch_end", "on_exception"])
def test_it_holds_from_the_start_of_a_step_to_its_end(end):
    steps = SameBits()
    for _ in range(2):
        steps.on_train_batch_start()
        assert torch.are_deterministic_algorithms_enabled()
        getattr(steps, end)()
        assert not torch.are_deterministic_algorithms_enabled()


def test_a_kernel_without_such_a_form_is_named():
    error = RuntimeError(
        "reflection_pad1d_backward_out_cuda does not have a deterministic implementation, but you set "
        "'torch.use_deterministic_algorithms(True)'."
    )
    told = sentence_for_unrepeatable(error)
    assert "takes reflection_pad1d_backward_out_cuda on the GPU" in str(told)
    assert "--no-deterministic" in str(told)
    assert sentence_for_unrepeatable(RuntimeError("shapes do not match")) is None
