"""The chapters of the rule book that are opened when one of their functions is first called: importing takes time."""

from __future__ import annotations

import sys
from importlib import import_module

from autograd_nn.engine.registry import REGISTRY
from autograd_nn.ops.refused import REFUSED

__all__ = ["open_all"]

CHAPTERS = {
    "numpy.linalg": "autograd_nn.ops.linalg",
    "numpy.fft": "autograd_nn.ops.fft",
    "scipy.special": "autograd_nn.ops.special",
}
"""The module a function is from -> the chapter with its rules."""

NEURAL = "autograd_nn.functional"
"""The neural functions stand for none of NumPy's: their users import them."""


def open_chapter(module: str) -> bool:
    """Import the chapter for the functions of a module; False if there is none, or it is open already."""
    chapter = CHAPTERS.get(module)
    if chapter is None or chapter in sys.modules:
        return False
    import_module(chapter)
    return True


def open_all() -> None:
    """Import every chapter."""
    for chapter in (*CHAPTERS.values(), NEURAL):
        import_module(chapter)


REGISTRY.open_chapter = open_chapter
REGISTRY.reasons = REFUSED
