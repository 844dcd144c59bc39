"""Memory that a worker's batch gets from one before it, never from one that is still in use."""

import torch

from auralflow.datasets.sharing import empty_shared_batch, received


def test_memory_that_the_parent_holds_is_not_handed_out_again():
    held = [
        received(empty_shared_batch((5, 2), dtype=torch.int16).fill_(number)) for number in range(9)
    ]
    for number, tensor in enumerate(held):
        assert (tensor == number).all()


def test_a_worker_gets_its_memory_back_when_nobody_uses_it_any_more():
    sent = empty_shared_batch((3, 2), dtype=torch.int16).fill_(5)
    own = received(sent)
    row = own.transpose(0, 1)[1]
    del own
    empty_shared_batch((3, 2), dtype=torch.int16).fill_(6)
    assert (row == 5).all()
    del row
    assert empty_shared_batch((3, 2), dtype=torch.int16).data_ptr() == sent.data_ptr()


def test_what_no_worker_sent_is_received_as_it_is():
    for tensor in (torch.arange(4), torch.zeros(200), torch.zeros(0)):
        assert received(tensor) is tensor
