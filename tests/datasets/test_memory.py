"""Memory that a batch gets from the one before it, never from one that is still in use."""

import torch

from auralflow.datasets.memory import empty_batch, empty_shared_batch, received

SHAPE = (4, 2, 1 << 20)


def test_memory_in_use_is_not_handed_out_again():
    held = [empty_batch(SHAPE, torch.int16).fill_(number) for number in range(7)]
    for number, tensor in enumerate(held):
        assert (tensor == number).all()


def test_a_view_or_an_array_keeps_its_memory():
    tensor = empty_batch(SHAPE, torch.int16).fill_(1)
    view, array = tensor[1], tensor[2].numpy()
    del tensor
    empty_batch(SHAPE, torch.int16).fill_(2)
    assert (view == 1).all()
    assert (array == 1).all()


def test_what_a_gradient_needs_keeps_its_memory():
    weight = torch.ones(1, requires_grad=True)
    loss = (empty_batch(SHAPE, torch.float32).fill_(3.0) * weight).mean()
    empty_batch(SHAPE, torch.float32).fill_(0.0)
    loss.backward()
    assert weight.grad == 3.0


def test_memory_that_nobody_uses_is_used_again():
    place = empty_batch(SHAPE, torch.int16).data_ptr()
    assert place in {empty_batch(SHAPE, torch.int16).data_ptr() for _ in range(2)}


def test_small_tensors_and_every_shape_are_as_asked_for():
    for shape in [(0, 2, 3), (1, 2, 3), SHAPE]:
        assert empty_batch(shape, torch.float32).shape == shape


def test_a_worker_gets_its_memory_back_when_nobody_uses_it_any_more():
    sent = empty_shared_batch((3, 2), torch.int16).fill_(5)
    own = received(sent)
    row = own.transpose(0, 1)[1]
    del own
    empty_shared_batch((3, 2), torch.int16).fill_(6)
    assert (row == 5).all()
    del row
    assert empty_shared_batch((3, 2), torch.int16).data_ptr() == sent.data_ptr()


def test_what_no_worker_sent_is_received_as_it_is():
    for tensor in (torch.arange(4), torch.zeros(200), torch.zeros(0)):
        assert received(tensor) is tensor
