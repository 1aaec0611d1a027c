"""The frameworks that are installed here, each with the same few functions: right ones, and with mistakes planted.

HIPS autograd and MyGrad are of the group ``dev``. PyTorch and JAX, of the group ``bench``, are large: where they are
not installed, their tests are not there either.
"""

from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np


def of_torch():
    import torch

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    class Halved(Square):
        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    class Writing(Square):
        @staticmethod
        def backward(ctx, g):
            return g.mul_(2) * ctx.saved_tensors[0]

    class Coarse(Square):
        @staticmethod
        def backward(ctx, g):
            return (2 * g * ctx.saved_tensors[0]).half().to(g.dtype)

    return SimpleNamespace(
        xp=torch,
        array=torch.tensor,
        own=torch.tanh,
        square=Square,
        halved=Halved,
        writing=Writing,
        coarse=Coarse,
        called=lambda rule: rule.apply,
        cut=lambda x: x.detach() * 2,
        take=lambda x, labels: x[torch.arange(3), labels],
    )


def of_jax():
    import jax

    def ruled(rule):
        @jax.custom_vjp
        def square(x):
            return x * x

        square.defvjp(lambda x: (x * x, x), lambda x, g: (rule(g, x),))
        return square

    return SimpleNamespace(
        xp=jax.numpy,
        array=jax.numpy.asarray,
        own=jax.numpy.tanh,
        square=ruled(lambda g, x: 2 * g * x),
        halved=ruled(lambda g, x: g * x),
        writing=None,  # its arrays cannot be written to
        coarse=ruled(lambda g, x: (2 * g * x).astype(jax.numpy.float16).astype(g.dtype)),
        called=lambda rule: rule,
        cut=lambda x: jax.lax.stop_gradient(x) * 2,
        take=lambda x, labels: x[jax.numpy.arange(3), labels],
    )


def of_autograd():
    import autograd.numpy as xp
    from autograd.extend import defvjp, primitive
    from autograd.tracer import getval

    def ruled(rule):
        @primitive
        def square(x):
            return x * x

        defvjp(square, lambda y, x: lambda g: rule(g, x))
        return square

    def writing(g, x):
        g *= 2
        return g * x

    return SimpleNamespace(
        xp=xp,
        array=None,  # it has none of its own
        own=xp.tanh,
        square=ruled(lambda g, x: 2 * g * x),
        halved=ruled(lambda g, x: g * x),
        writing=ruled(writing),
        coarse=ruled(lambda g, x: (2 * g * x).astype(np.float16).astype(g.dtype)),
        called=lambda rule: rule,
        cut=lambda x: getval(x) * 2 + 0 * x,
        take=lambda x, labels: x[np.arange(3), labels],
    )


def of_mygrad():
    import mygrad
    from mygrad.operation_base import Operation

    class Square(Operation):
        def __call__(self, x):
            self.variables = (x,)
            return x.data**2

        def backward_var(self, grad, index, **kwargs):
            return 2 * grad * self.variables[index].data

    class Halved(Square):
        def backward_var(self, grad, index, **kwargs):
            return grad * self.variables[index].data

    class Writing(Square):
        def backward_var(self, grad, index, **kwargs):
            grad *= 2
            return grad * self.variables[index].data

    class Coarse(Square):
        def backward_var(self, grad, index, **kwargs):
            return (2 * grad * self.variables[index].data).astype(np.float16).astype(grad.dtype)

    return SimpleNamespace(
        xp=mygrad,
        array=mygrad.tensor,
        own=mygrad.tanh,
        square=Square,
        halved=Halved,
        writing=Writing,
        coarse=Coarse,
        called=lambda rule: lambda x: mygrad.execute_op(rule, x),
        cut=lambda x: mygrad.tensor(x.data * 2),
        take=lambda x, labels: x[np.arange(3), labels],
    )


MAKERS = {"torch": of_torch, "jax": of_jax, "autograd": of_autograd, "mygrad": of_mygrad}
INSTALLED = [name for name in MAKERS if find_spec(name) is not None]
