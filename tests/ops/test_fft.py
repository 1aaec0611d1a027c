"""What the Fourier transforms of Tensors promise beyond the sweep: refusals, errors, and the laws between them."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad

SUFFIXES = ("fft", "fft2", "fftn")
TRANSFORMS = [getattr(np.fft, kind + suffix) for kind in ("", "i", "r", "ir") for suffix in SUFFIXES]
TRANSFORMS += [np.fft.hfft, np.fft.ihfft]


def leaf(*shape):
    return Tensor(np.random.default_rng(0).normal(size=shape), requires_grad=True)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_out_is_refused_by_name(transform):
    with pytest.raises(TypeError, match=rf"numpy.fft.{transform.__name__} (of a Tensor does not take|with) out="):
        transform(leaf(3, 4), out=np.empty((3, 4), complex))


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_unknown_norm_is_refused_as_numpy_does(transform):
    with pytest.raises(ValueError, match="Invalid norm value unitary"):
        transform(leaf(3, 4), norm="unitary")


@pytest.mark.parametrize("transform", [t for t in TRANSFORMS if t.__name__.endswith("fft")])
@pytest.mark.parametrize("n", [0, -1])
def test_a_length_below_one_is_refused_as_numpy_does(transform, n):
    with pytest.raises(ValueError, match="Invalid number of FFT data points"):
        transform(leaf(3), n)


@pytest.mark.parametrize("transform", [np.fft.fft, np.fft.irfft, np.fft.ihfft])
def test_a_missing_axis_is_an_axis_error(transform):
    with pytest.raises(np.exceptions.AxisError):
        transform(leaf(3), axis=1)


def test_sizes_without_their_axes_are_refused():
    with pytest.raises(TypeError, match=r"say which axes have the sizes s=\(2, 2\)"):
        np.fft.fftn(leaf(3, 4), s=(2, 2))
    with pytest.raises(ValueError, match="different lengths"):
        np.fft.fft2(leaf(3, 4), s=(2,))


def test_the_power_is_the_same_in_both_pictures():
    parseval = grad(lambda x: np.sum(np.abs(np.fft.fft(x, norm="ortho")) ** 2))
    np.testing.assert_allclose(parseval(np.arange(5.0)), 2 * np.arange(5.0), rtol=1e-14)


def test_the_gradient_of_a_convolution_is_a_correlation():
    x, kernel, g = (np.random.default_rng(seed).normal(size=8) for seed in range(3))
    filtered = grad(lambda x: np.sum(g * np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(kernel), 8)))
    np.testing.assert_allclose(filtered(x), [g @ np.roll(kernel, k) for k in range(8)], rtol=1e-13)


def test_nothing_depends_on_imaginary_parts_that_a_real_signal_cannot_have():
    spectrum = Tensor(np.ones(3, complex), requires_grad=True)
    np.fft.irfft(spectrum).backward(np.arange(4.0))
    np.testing.assert_array_equal(spectrum.grad.data.imag[[0, 2]], 0)
