"""The convention for gradients of complex numbers, and where functions of them are not smooth."""

import numpy as np
import pytest
import scipy.special

from autograd_nn import Tensor, grad, gradients


def test_the_gradient_of_a_real_number_is_its_slope_in_x_minus_i_times_that_in_y():
    assert grad(lambda z: np.real(z) + 10 * np.imag(z))(0.5 + 0.5j) == 1 - 10j


def test_a_holomorphic_function_has_its_derivative():
    z = Tensor(0.3 + 0.4j, requires_grad=True)
    assert gradients(z**3, z).item() == pytest.approx(3 * (0.3 + 0.4j) ** 2)


def test_a_step_against_the_conjugate_of_the_gradient_goes_downhill():
    height = lambda z: np.abs(z - (2 + 1j)) ** 2
    z = 0.5 - 0.5j
    for _ in range(50):
        z -= 0.25 * np.conj(grad(height)(z))
    assert z == pytest.approx(2 + 1j)


def test_a_real_operand_of_complex_numbers_has_a_real_gradient():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    np.sum(np.real(x * np.complex64(2 + 3j))).backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, [2, 2])


@pytest.mark.parametrize("function", [np.abs, np.angle, lambda z: np.real(np.sign(z))])
def test_size_angle_and_sign_are_flat_at_zero(function):
    assert grad(function)(0j) == 0


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_the_size_has_a_finite_slope_at_any_scale(scale):
    assert grad(np.abs)((3 + 4j) * scale) == pytest.approx(0.6 - 0.8j)


def test_the_sign_of_a_real_tensor_is_a_constant():
    assert not np.sign(Tensor([-2.0, 0.0], requires_grad=True)).requires_grad


def test_the_real_part_of_real_numbers_is_themselves():
    x = Tensor([1.0], requires_grad=True)
    assert np.real(x) is x


def test_numbers_with_a_small_imaginary_part_become_real_as_in_numpy():
    z = Tensor(np.array([1 + 1e-15j]), requires_grad=True)
    assert np.real_if_close(z).dtype == float
    assert np.real_if_close(z, tol=1e-16) is z


def test_the_slope_of_i0_has_its_digits_from_the_smallest_to_the_largest_argument():
    x = np.geomspace(1e-12, 700, 500)
    t = Tensor(x, requires_grad=True)
    slope = gradients(np.sum(np.i0(t)), t).data
    assert np.max(np.abs(slope / scipy.special.i1(x) - 1) / (1 + x)) < 1e-14
