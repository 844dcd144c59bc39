"""What holds on a CUDA GPU: `make test-gpu`."""
