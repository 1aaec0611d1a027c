"""The command line, ``autograd-nn``."""

from autograd_nn.cli.main import main

__all__ = ["main"]
