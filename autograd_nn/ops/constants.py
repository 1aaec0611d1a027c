"""NumPy functions that are constant almost everywhere, or ask about shape and kind: plain arrays come out."""

import numpy as np

from autograd_nn.primitives import constant

constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.isclose, np.allclose, np.array_equal)
constant(np.isnan, np.isinf, np.isfinite, np.signbit, np.sign, np.isposinf, np.isneginf)
constant(np.floor, np.ceil, np.trunc, np.rint, np.round, np.fix, np.floor_divide)
constant(np.argmax, np.argmin, np.argsort, np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero, np.all, np.any)
constant(np.searchsorted, np.digitize, np.isin, np.unique)
constant(np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast)
constant(np.shares_memory, np.may_share_memory, np.zeros_like, np.ones_like, np.empty_like)
