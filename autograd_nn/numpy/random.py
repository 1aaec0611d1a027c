"""`numpy.random` as it is: what is drawn are arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

if TYPE_CHECKING:
    from numpy.random import *  # noqa: F403
else:
    __getattr__ = lambda name: getattr(numpy.random, name)
    __dir__ = lambda: dir(numpy.random)
