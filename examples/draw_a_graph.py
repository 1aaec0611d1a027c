"""Draw the graph of a network's loss: python draw_a_graph.py graph.svg."""

import sys

import numpy as np

from autograd_nn import Tensor, log_softmax
from autograd_nn.draw import draw

rng = np.random.default_rng(0)
X = Tensor(rng.normal(size=(200, 2)), name="X")
y = Tensor(np.eye(2)[rng.integers(0, 2, 200)], name="y")
W1 = Tensor(rng.normal(size=(2, 3)), requires_grad=True, name="W1")
b1 = Tensor(np.zeros((1, 3)), requires_grad=True, name="b1")
W2 = Tensor(rng.normal(size=(3, 2)), requires_grad=True, name="W2")
b2 = Tensor(np.zeros((1, 2)), requires_grad=True, name="b2")

logits = np.tanh(X @ W1 + b1) @ W2 + b2
loss = -(y * log_softmax(logits)).sum()
loss.name = "loss"

path = draw(loss).save(sys.argv[1] if len(sys.argv) > 1 else "graph.svg")
print(f"The graph of the loss is in {path}")
