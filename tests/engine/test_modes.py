"""no_grad, anomaly mode and threads: what the engine's state does, and that nobody sees another's."""

import asyncio
import threading

import numpy as np
import pytest

from autograd_nn import AnomalyError, Tensor, anomaly, enable_grad, grad, no_grad, primitive
from autograd_nn.engine.modes import MODE, Mode


@pytest.fixture
def x():
    return Tensor([1.0, 0.0], requires_grad=True, name="x")


def test_no_grad_is_a_block_and_a_decorator(x):
    @no_grad()
    def predict():
        return x * 2

    assert not predict().requires_grad
    assert not predict().requires_grad
    with no_grad():
        assert not (x * 2).requires_grad
        with enable_grad():
            assert (x * 2).requires_grad
        assert grad(lambda t: np.sum(t * t))(np.array([3.0])) == [6.0]
    assert (x * 2).requires_grad


def test_exception_leaves_the_mode_as_it_was(x):
    def fail(t):
        raise KeyError("inside")

    for block in (no_grad(), anomaly(), enable_grad()):
        with pytest.raises(KeyError), block:
            raise KeyError
    with pytest.raises(KeyError):
        grad(fail)(1.0)
    with no_grad(), pytest.raises(KeyError):
        grad(fail)(1.0)
    assert MODE.get() == Mode()


def test_anomaly_names_the_primitive_its_operands_and_the_line(x):
    with anomaly(), np.errstate(all="ignore"), pytest.raises(AnomalyError) as caught:
        np.log(x)  # this line
    message = str(caught.value)
    assert "log made 1 inf in its output" in message
    assert "a: float64[2], finite values 0 to 1" in message
    assert "test_modes.py" in message
    assert "np.log(x)  # this line" in message


def test_anomaly_in_the_backward_pass_names_where_the_node_was_made(x):
    with anomaly():
        y = np.sqrt(x)  # made here
        with pytest.raises(AnomalyError) as caught:
            y.sum().backward()
    message = str(caught.value)
    assert "pullback of <Primitive sqrt(a)> for argument 'a' made 1 inf" in message
    assert "g: float64[2], finite values 1 to 1" in message
    assert "y: float64[2], finite values 0 to 1" in message
    assert "np.sqrt(x)  # made here" in message


def test_anomaly_of_a_node_made_outside_the_mode(x):
    y = np.sqrt(x).sum()
    with anomaly(), pytest.raises(AnomalyError, match="made at a line outside anomaly mode"):
        y.backward()


def test_anomaly_honours_strong_zeros_and_leaves_healthy_code_alone(x):
    with anomaly():
        np.where(x.data > 0, np.sqrt(x), 0.0).sum().backward()
        y = np.concatenate([x, x]) @ np.ones(4) + x[0]
        y.backward()
    np.testing.assert_array_equal(x.grad.data, [0.5 + 3.0, 2.0])


def test_anomaly_of_constants_and_of_a_users_primitive():
    bad = primitive(lambda x: x * np.nan, name="bad", x=lambda g: g)
    with anomaly():
        for operand in (Tensor([1.0]), Tensor([1.0], requires_grad=True)):
            with pytest.raises(AnomalyError, match="bad made 1 nan"):
                bad(operand)
        with pytest.raises(AnomalyError, match="concatenate made 1 inf"):
            np.concatenate([Tensor([np.inf]), Tensor([1.0])])


def test_threads_and_tasks_do_not_see_each_others_mode():
    rounds, wrong = 2500, []

    def work(k):
        def cube_slope(v):
            with no_grad():
                assert not (Tensor(v, requires_grad=True) * 2).requires_grad
                return grad(grad(lambda t: t * t * t))(v)

        for n in range(rounds):
            v = 1.0 + (n + k) % 7
            if k % 2:
                with no_grad():
                    y = Tensor(v, requires_grad=True) * 3.0
                    if y.requires_grad or cube_slope(v) != 6 * v:
                        wrong.append((k, n))
            else:
                t = Tensor(v, requires_grad=True)
                y = t * t
                y.backward()
                if t.grad.item() != 2 * v or grad(lambda a, v=v: a * grad(lambda b: a * b * b)(v))(v) != 4 * v * v:
                    wrong.append((k, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

    async def inside():
        with no_grad():
            await asyncio.sleep(0)
            return (Tensor(1.0, requires_grad=True) * 2).requires_grad

    async def outside():
        await asyncio.sleep(0)
        return (Tensor(1.0, requires_grad=True) * 2).requires_grad

    async def both():
        return await asyncio.gather(inside(), outside(), inside())

    assert asyncio.run(both()) == [False, True, False]
