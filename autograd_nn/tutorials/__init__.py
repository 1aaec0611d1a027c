"""The three tutorial networks: each its data, its network as a tensor expression, its training, its pictures.

No derivative is written anywhere in here: every gradient comes from `Tensor.backward`.
"""

__all__ = ["heart", "moons", "neuron"]
