"""The values of the functions of networks and of the special functions, against references from outside.

A gradient is proved against the function itself, so a wrong value would pass. Here the references are mpmath with 120
digits, and the definitions, element by element in Python. They share no code with what they judge.
"""

from functools import partial
from itertools import product
from math import ceil, floor

import mpmath as mp
import numpy as np
import pytest

from autograd_nn import functional as F  # noqa: N812
from autograd_nn import special

REFERENCES = {}
"""The name of a public function -> what gives pairs of a value found and the value expected."""


def reference(name):
    def register(pairs):
        REFERENCES[name] = pairs
        return pairs

    return register


def at(own, exact, points):
    """A function at several points against that of numbers with many digits."""
    yield own(*np.array(points).T), [exact(*map(mp.mpf, point)) for point in points]


def elementwise(module, exact, points):
    """References for several functions of a module at the same points, each a number or a tuple of them."""
    points = [point if isinstance(point, tuple) else (point,) for point in points]
    for name, f in exact.items():
        REFERENCES[f"{module.__name__.rpartition('.')[2]}.{name}"] = partial(at, getattr(module, name), f, points)


def mean(values):
    return mp.fsum(values) / len(values)


# Activations ------------------------------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def elu(x, alpha=1):
    return x if x > 0 else alpha * mp.expm1(x)


def gelu_tanh(x):
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


SELU = [mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")]
"""alpha and scale, from the appendix of Klambauer et al. 2017."""

LINE = [-80.0, -30.0, -3.0, -1.0, -0.25, 0.0, 0.5, 2.0, 6.0, 40.0]
elementwise(
    F,
    {
        "elu": elu,
        "hard_tanh": lambda x: min(max(x, -1), 1),
        "leaky_relu": lambda x: x if x > 0 else x * mp.mpf(0.01),
        "log_sigmoid": lambda x: -mp.log1p(mp.exp(-x)),
        "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
        "relu": lambda x: max(x, 0),
        "selu": lambda x: SELU[1] * elu(x, SELU[0]),
        "sigmoid": sigmoid,
        "silu": lambda x: x * sigmoid(x),
        "softplus": lambda x: mp.log1p(mp.exp(x)),
        "softsign": lambda x: x / (1 + abs(x)),
    },
    LINE,
)


@reference("functional.gelu")
def gelu():
    line = LINE[1:]  # at -80 the value is less than the smallest number
    yield F.gelu(np.array(line)), [x * mp.ncdf(x) for x in line]
    yield F.gelu(np.array(line[1:]), "tanh"), [gelu_tanh(mp.mpf(x)) for x in line[1:]]


def test_parameters_of_activations_are_in_their_values():
    assert F.elu(np.array(-1.0), alpha=2.0) == pytest.approx(float(elu(mp.mpf(-1), 2)), rel=1e-15)
    assert F.leaky_relu(np.array(-1.0), 0.25) == -0.25
    assert F.hard_tanh(np.array([-3.0, 0.0, 3.0]), -2.0, 0.5).tolist() == [-2.0, 0.0, 0.5]


# The softmax family -----------------------------------------------------------------------------------

ROWS = [[0.0, -40.0, 1.5], [1000.0, 999.0, -1000.0]]


def logsumexp(row, weights=None):
    return mp.log(mp.fsum(w * mp.exp(mp.mpf(x)) for x, w in zip(row, weights or [1] * len(row), strict=True)))


def log_softmax(row):
    return [x - logsumexp(row) for x in map(mp.mpf, row)]


COLUMNS = list(zip(*ROWS, strict=True))
EVERYWHERE = ROWS[0] + ROWS[1]


def softmax_rows(rows):
    return [[mp.exp(v) for v in log_softmax(row)] for row in rows]


@reference("functional.softmax")
def softmax():
    yield F.softmax(np.array(ROWS)), softmax_rows(ROWS)
    yield F.softmax(np.array(ROWS), 0).T, softmax_rows(COLUMNS)


@reference("special.softmax")
def special_softmax():
    yield np.ravel(special.softmax(np.array(ROWS))), softmax_rows([EVERYWHERE])[0]
    yield special.softmax(np.array(ROWS), 1), softmax_rows(ROWS)


@reference("functional.log_softmax")
def of_log_softmax():
    yield F.log_softmax(np.array(ROWS)), [log_softmax(row) for row in ROWS]
    yield F.log_softmax(np.array(ROWS), 0).T, [log_softmax(row) for row in COLUMNS]


@reference("special.log_softmax")
def special_log_softmax():
    yield np.ravel(special.log_softmax(np.array(ROWS))), log_softmax(EVERYWHERE)
    yield special.log_softmax(np.array(ROWS), 1), [log_softmax(row) for row in ROWS]


@reference("functional.logsumexp")
def of_logsumexp():
    yield F.logsumexp(np.array(ROWS), 1), [logsumexp(row) for row in ROWS]
    yield F.logsumexp(np.array(ROWS)), logsumexp(EVERYWHERE)
    yield F.logsumexp(np.array([0.0, -40.0])), mp.log1p(mp.exp(-40))


@reference("special.logsumexp")
def special_logsumexp():
    weights = [0.5, 3.0, 0.0]
    yield special.logsumexp(np.array(ROWS), 1), [logsumexp(row) for row in ROWS]
    yield special.logsumexp(np.array(ROWS), 1, np.array(weights)), [logsumexp(row, weights) for row in ROWS]


# Losses -----------------------------------------------------------------------------------------------

LOGITS = [[0.3, -1.2, 2.0], [5.0, 0.0, -40.0], [-1.0, 0.5, 0.25]]
CLASSES = [2, 0, 1]
WEIGHTS = [0.5, 2.0, 1.25]


def surprisals(probabilities, weights=(1, 1, 1)):
    return [
        -mp.fsum(w * q * v for w, q, v in zip(weights, row, log_softmax(logits), strict=True))
        for logits, row in zip(LOGITS, probabilities, strict=True)
    ]


@reference("functional.cross_entropy")
def cross_entropy():
    z, certain = np.array(LOGITS), [[float(k == c) for k in range(3)] for c in CLASSES]
    losses, weighted = surprisals(certain), surprisals(certain, WEIGHTS)
    yield F.cross_entropy(z, CLASSES, reduction="none"), losses
    yield F.cross_entropy(z, CLASSES, reduction="sum"), mp.fsum(losses)
    yield F.cross_entropy(z, CLASSES), mean(losses)
    yield F.cross_entropy(z.T, CLASSES, axis=0), mean(losses)
    yield F.cross_entropy(z, [2, -100, 1], ignore_index=-100), mean([losses[0], losses[2]])
    yield F.cross_entropy(z, CLASSES, weight=WEIGHTS), mp.fsum(weighted) / sum(WEIGHTS[c] for c in CLASSES)
    smooth = [[0.75 * q + mp.mpf(0.25) / 3 for q in row] for row in certain]
    yield F.cross_entropy(z, CLASSES, label_smoothing=0.25), mean(surprisals(smooth))
    yield F.cross_entropy(z, np.array(certain), label_smoothing=0.25), mean(surprisals(smooth))
    both = mp.fsum(surprisals(smooth, WEIGHTS)) / sum(WEIGHTS[c] for c in CLASSES)
    yield F.cross_entropy(z, CLASSES, weight=WEIGHTS, label_smoothing=0.25), both
    kept = (weighted[0] + weighted[2]) / (WEIGHTS[2] + WEIGHTS[1])
    yield F.cross_entropy(z, [2, -100, 1], ignore_index=-100, weight=WEIGHTS), kept
    mixed = [[0.2, 0.5, 0.3]] * 3
    yield F.cross_entropy(z, mixed), mean(surprisals(mixed))
    yield F.cross_entropy(z, mixed, weight=WEIGHTS), mean(surprisals(mixed, WEIGHTS))
    images = (np.stack([np.array(a).T, np.array(a).T[:, ::-1]]) for a in (LOGITS, mixed))  # the classes are on axis 1
    found = F.cross_entropy(*images, axis=1, weight=WEIGHTS, reduction="none")
    yield found, [surprisals(mixed, WEIGHTS), surprisals(mixed, WEIGHTS)[::-1]]


@reference("functional.binary_cross_entropy")
def binary_cross_entropy():
    x, y, w, p = [-40.0, -1.0, 0.0, 3.0], [0.0, 0.25, 1.0, 0.5], [1.0, 2.0, 0.5, 3.0], 1.5

    def losses(weights, positive):
        return [
            w * (positive * t * mp.log1p(mp.exp(-a)) + (1 - t) * mp.log1p(mp.exp(a)))
            for a, t, w in zip(map(mp.mpf, x), y, weights, strict=True)
        ]

    yield F.binary_cross_entropy(np.array(x), y, reduction="none"), losses([1] * 4, 1)
    yield F.binary_cross_entropy(np.array(x), y), mean(losses([1] * 4, 1))
    yield F.binary_cross_entropy(np.array(x), y, weight=w, pos_weight=p, reduction="sum"), mp.fsum(losses(w, p))


# Convolution and pooling ------------------------------------------------------------------------------

RNG = np.random.default_rng(0)


def eighths(*shape):
    """Numbers whose sums and products are exact."""
    return np.round(8 * RNG.normal(size=shape)) / 8


IMAGES, KERNELS, BIAS = eighths(2, 4, 5, 6), eighths(6, 2, 2, 3), eighths(6)
GEOMETRY = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}


def size(length, taps, stride, padding, dilation):
    return (length + 2 * padding - dilation * (taps - 1) - 1) // stride + 1


def pairs_met(image, kernel, stride, padding, dilation):
    """For one image: each output's place, each tap, and the place of the pixel that they meet."""
    sides = list(zip(image, kernel, stride, padding, dilation, strict=True))
    for i, j in product(*(range(size(*side)) for side in sides)):
        for a, b in product(*map(range, kernel)):
            r, c = i * stride[0] - padding[0] + a * dilation[0], j * stride[1] - padding[1] + b * dilation[1]
            if 0 <= r < image[0] and 0 <= c < image[1]:
                yield (i, j), (a, b), (r, c)


def convolved(x, w, bias, stride, padding, dilation, groups):
    (count, _, *image), (outputs, depth, *kernel) = x.shape, w.shape
    shape = [size(*side) for side in zip(image, kernel, stride, padding, dilation, strict=True)]
    y = np.zeros((count, outputs, *shape)) + bias.reshape(-1, 1, 1)
    for place, tap, pixel in pairs_met(image, kernel, stride, padding, dilation):
        for n, o, c in product(range(count), range(outputs), range(depth)):
            y[(n, o, *place)] += w[(o, c, *tap)] * x[(n, o // (outputs // groups) * depth + c, *pixel)]
    return y


def transposed(v, w, bias, stride, padding, dilation, groups, extra):
    (count, channels, *small), (_, depth, *kernel) = v.shape, w.shape
    sides = zip(small, kernel, stride, padding, dilation, extra, strict=True)
    image = [(n - 1) * s - 2 * p + d * (k - 1) + more + 1 for n, k, s, p, d, more in sides]
    x = np.zeros((count, depth * groups, *image)) + bias.reshape(-1, 1, 1)
    for i, j in product(*map(range, small)):
        for a, b in product(*map(range, kernel)):
            r, c = i * stride[0] - padding[0] + a * dilation[0], j * stride[1] - padding[1] + b * dilation[1]
            if 0 <= r < image[0] and 0 <= c < image[1]:
                for n, o, k in product(range(count), range(channels), range(depth)):
                    x[n, o // (channels // groups) * depth + k, r, c] += v[n, o, i, j] * w[o, k, a, b]
    return x


def row_of(geometry):
    """The geometry of the columns alone."""
    return {key: value if key == "groups" else value[1] for key, value in geometry.items()}


@reference("functional.conv2d")
def conv2d():
    plain = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 2}
    for geometry in (plain, GEOMETRY):
        yield F.conv2d(IMAGES, KERNELS, BIAS, **geometry), convolved(IMAGES, KERNELS, BIAS, **geometry)
    same = {**plain, "padding": (1, 2), "dilation": (2, 2)}
    yield (
        F.conv2d(IMAGES, KERNELS, BIAS, padding="same", dilation=2, groups=2),
        convolved(IMAGES, KERNELS, BIAS, **same),
    )


@reference("functional.conv1d")
def conv1d():
    lines = {**GEOMETRY, "stride": (1, 2), "padding": (0, 2)}
    yield (
        F.conv1d(IMAGES[:, :, 0], KERNELS[:, :, 0], BIAS, **row_of(lines)),
        convolved(IMAGES[:, :, :1], KERNELS[:, :, :1], BIAS, **lines)[:, :, 0],
    )


@reference("functional.conv_transpose2d")
def conv_transpose2d():
    yield (
        F.conv_transpose2d(IMAGES, KERNELS[:4], BIAS[:4], output_padding=(1, 0), **GEOMETRY),
        transposed(IMAGES, KERNELS[:4], BIAS[:4], extra=(1, 0), **GEOMETRY),
    )


@reference("functional.conv_transpose1d")
def conv_transpose1d():
    lines = {**GEOMETRY, "stride": (1, 3), "padding": (0, 1)}
    yield (
        F.conv_transpose1d(IMAGES[:, :, 0], KERNELS[:4, :, 0], BIAS[:4], output_padding=2, **row_of(lines)),
        transposed(IMAGES[:, :, :1], KERNELS[:4, :, :1], BIAS[:4], extra=(0, 2), **lines)[:, :, 0],
    )


def pooled(images, kernel, stride, padding, dilation, of):
    """``of`` the list of what each window meets inside the image."""
    shape = [size(*side) for side in zip(images.shape[2:], kernel, stride, padding, dilation, strict=True)]
    met = {}
    for place, _, pixel in pairs_met(images.shape[2:], kernel, stride, padding, dilation):
        met.setdefault(place, []).append(pixel)
    y = np.zeros((*images.shape[:2], *shape))
    for n, c, i, j in np.ndindex(*y.shape):
        y[n, c, i, j] = of([images[(n, c, *pixel)] for pixel in met[i, j]])
    return y


LINES, WINDOW = IMAGES[:, :, :1], {"kernel": (1, 3), "stride": (1, 2), "padding": (0, 1), "dilation": (1, 1)}


@reference("functional.max_pool2d")
def max_pool2d():
    yield F.max_pool2d(IMAGES, 2), pooled(IMAGES, (2, 2), (2, 2), (0, 0), (1, 1), max)
    yield (
        F.max_pool2d(IMAGES, (2, 3), (1, 2), 1, (2, 1)),
        pooled(IMAGES, (2, 3), (1, 2), (1, 1), (2, 1), max),
    )


@reference("functional.max_pool1d")
def max_pool1d():
    yield F.max_pool1d(LINES[:, :, 0], 3, 2, 1), pooled(LINES, **WINDOW, of=max)[:, :, 0]


@reference("functional.avg_pool2d")
def avg_pool2d():
    ways = (IMAGES, (2, 3), (2, 1), (1, 1), (1, 1))
    yield F.avg_pool2d(IMAGES, (2, 3), (2, 1), 1), pooled(*ways, lambda met: sum(met) / 6)
    yield (
        F.avg_pool2d(IMAGES, (2, 3), (2, 1), 1, count_include_pad=False),
        pooled(*ways, lambda met: sum(met) / len(met)),
    )


@reference("functional.avg_pool1d")
def avg_pool1d():
    yield F.avg_pool1d(LINES[:, :, 0], 3, 2, 1), pooled(LINES, **WINDOW, of=lambda met: sum(met) / 3)[:, :, 0]


def binned(images, bins, of):
    y = np.zeros((*images.shape[:2], *bins))
    for n, c, *place in np.ndindex(*y.shape):
        edges = [
            range(floor(i * length / m), ceil((i + 1) * length / m))
            for i, m, length in zip(place, bins, images.shape[2:], strict=True)
        ]
        y[(n, c, *place)] = of([images[n, c, r, k] for r, k in product(*edges)])
    return y


def average(met):
    return sum(met) / len(met)


@reference("functional.adaptive_max_pool2d")
def adaptive_max_pool2d():
    for bins in ((2, 4), (5, 1), (3, 3)):
        yield F.adaptive_max_pool2d(IMAGES, bins), binned(IMAGES, bins, max)


@reference("functional.adaptive_avg_pool2d")
def adaptive_avg_pool2d():
    for bins in ((2, 4), (5, 1), (3, 3)):
        yield F.adaptive_avg_pool2d(IMAGES, bins), binned(IMAGES, bins, average)


@reference("functional.adaptive_max_pool1d")
def adaptive_max_pool1d():
    for bins in (1, 4, 6):
        yield F.adaptive_max_pool1d(LINES[:, :, 0], bins), binned(LINES, (1, bins), max)[:, :, 0]


@reference("functional.adaptive_avg_pool1d")
def adaptive_avg_pool1d():
    for bins in (1, 4, 6):
        yield F.adaptive_avg_pool1d(LINES[:, :, 0], bins), binned(LINES, (1, bins), average)[:, :, 0]


# Normalisation, attention and what else is in a network -----------------------------------------------

SAMPLES = RNG.normal(3, 2, size=(3, 4, 2))
SCALE, SHIFT = [0.5, 2.0, -1.0, 3.0], [1.0, 0.0, -2.0, 0.25]


def spread(values):
    centre = mean(values)
    return centre, mean([(v - centre) ** 2 for v in values])


def normalised(x, groups, eps):
    """Each list of places has mean 0 and variance 1."""
    y = np.zeros(x.shape)
    for places in groups:
        centre, variance = spread([mp.mpf(x[place]) for place in places])
        for place in places:
            y[place] = (x[place] - centre) / mp.sqrt(variance + eps)
    return y


def affine(y):
    return [[[v * w + b for v in line] for line, w, b in zip(sample, SCALE, SHIFT, strict=True)] for sample in y]


@reference("functional.batch_norm")
def batch_norm():
    channels = [[(n, c, k) for n in range(3) for k in range(2)] for c in range(4)]
    y, means, variances = F.batch_norm(SAMPLES, None, None, SCALE, SHIFT, training=True, momentum=0.25, eps=0.1)
    yield y, affine(normalised(SAMPLES, channels, mp.mpf(0.1)))
    found = [spread([mp.mpf(SAMPLES[place]) for place in places]) for places in channels]
    yield means, [0.25 * centre for centre, _ in found]
    yield variances, [0.75 + 0.25 * variance * 6 / 5 for _, variance in found]
    fixed = F.batch_norm(SAMPLES, SHIFT, [1.0, 4.0, 0.25, 9.0], eps=0.0)[0]
    yield fixed[1, :, 1], [(SAMPLES[1, c, 1] - SHIFT[c]) / d for c, d in enumerate((1, 2, 0.5, 3))]


@reference("functional.group_norm")
def group_norm():
    pairs = [[(n, c, k) for c in (g, g + 1) for k in range(2)] for n in range(3) for g in (0, 2)]
    yield F.group_norm(SAMPLES, 2, SCALE, SHIFT, eps=0.1), affine(normalised(SAMPLES, pairs, mp.mpf(0.1)))


@reference("functional.instance_norm")
def instance_norm():
    lines = [[(n, c, k) for k in range(2)] for n in range(3) for c in range(4)]
    yield F.instance_norm(SAMPLES, SCALE, SHIFT, eps=0.1), affine(normalised(SAMPLES, lines, mp.mpf(0.1)))


@reference("functional.layer_norm")
def layer_norm():
    whole = [[(n, c, k) for c in range(4) for k in range(2)] for n in range(3)]
    yield F.layer_norm(SAMPLES, (4, 2), eps=0.1), normalised(SAMPLES, whole, mp.mpf(0.1))
    lines = [[(n, c) for c in range(4)] for n in range(3)]
    plain = normalised(SAMPLES[..., 0], lines, mp.mpf("1e-5"))
    yield (
        F.layer_norm(SAMPLES[..., 0], 4, SCALE, SHIFT),
        [[v * w + b for v, w, b in zip(row, SCALE, SHIFT, strict=True)] for row in plain],
    )


@reference("functional.rms_norm")
def rms_norm():
    rows = SAMPLES[..., 0].tolist()
    yield (
        F.rms_norm(np.array(rows), 4, SCALE, eps=0.5),
        [[v * w / mp.sqrt(mean([u * u for u in row]) + 0.5) for v, w in zip(row, SCALE, strict=True)] for row in rows],
    )
    yield F.rms_norm(np.array([[3.0], [-0.5]]), 1, eps=0.5), [[3 / mp.sqrt(9.5)], [-0.5 / mp.sqrt(0.75)]]


@reference("functional.scaled_dot_product_attention")
def attention():
    query, key, value = RNG.normal(size=(3, 2)), RNG.normal(size=(4, 2)), RNG.normal(size=(4, 3))

    def attended(seen, added=None, scale=None):
        scale = 1 / mp.sqrt(2) if scale is None else scale
        for i, q in enumerate(query):
            known = [j for j in range(4) if seen(i, j)]
            scores = [
                scale * mp.fsum(a * b for a, b in zip(q, key[j], strict=True)) + (added[i][j] if added else 0)
                for j in known
            ]
            weights = [mp.exp(v) for v in log_softmax(scores)]
            yield [mp.fsum(w * value[j, k] for w, j in zip(weights, known, strict=True)) for k in range(3)]

    call = F.scaled_dot_product_attention
    yield call(query, key, value), list(attended(lambda i, j: True))
    yield call(query, key, value, is_causal=True, scale=0.3), list(attended(lambda i, j: j <= i, scale=mp.mpf(0.3)))
    mask = [[True, False, True, False], [True, True, True, True], [False, False, False, True]]
    yield call(query, key, value, np.array(mask)), list(attended(lambda i, j: mask[i][j]))
    added = [[0.5 * i - j for j in range(4)] for i in range(3)]
    yield call(query, key, value, np.array(added)), list(attended(lambda i, j: True, added))


@reference("functional.embedding")
def embedding():
    table = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    yield F.embedding([[2, 0], [2, 2]], np.array(table)), [[table[2], table[0]], [table[2], table[2]]]


@reference("functional.dropout")
def dropout():
    x = [float(k) for k in range(1, 9)]
    draws = np.random.default_rng(7).random(8, np.float32).tolist()
    yield F.dropout(np.array(x), 0.25, rng=7), [v / 0.75 if u >= 0.25 else 0.0 for v, u in zip(x, draws, strict=True)]


# Special functions ------------------------------------------------------------------------------------

elementwise(
    special,
    {
        "erf": mp.erf,
        "erfc": mp.erfc,
        "exp10": lambda x: mp.mpf(10) ** x,
        "expit": sigmoid,
        "i0": lambda x: mp.besseli(0, x),
        "i0e": lambda x: mp.exp(-abs(x)) * mp.besseli(0, x),
        "i1": lambda x: mp.besseli(1, x),
        "i1e": lambda x: mp.exp(-abs(x)) * mp.besseli(1, x),
        "j0": lambda x: mp.besselj(0, x),
        "j1": lambda x: mp.besselj(1, x),
        "log_expit": lambda x: -mp.log1p(mp.exp(-x)),
        "log_ndtr": lambda x: mp.log(mp.ncdf(x)),
        "ndtr": mp.ncdf,
    },
    [-12.0, -5.0, -1.0, -0.25, 0.0, 0.5, 2.0, 6.0, 20.0],
)
elementwise(
    special,
    {
        "digamma": mp.digamma,
        "entr": lambda x: -x * mp.log(x),
        "gamma": mp.gamma,
        "gammaln": mp.loggamma,
        "y0": lambda x: mp.bessely(0, x),
        "y1": lambda x: mp.bessely(1, x),
    },
    [0.25, 0.5, 1.75, 3.0, 12.0],
)
elementwise(
    special,
    {
        "erfcinv": lambda p: mp.erfinv(1 - p),
        "erfinv": mp.erfinv,
        "logit": lambda p: mp.log(p / (1 - p)),
        "ndtri": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
    },
    [0.015625, 0.125, 0.75, 0.984375],
)

elementwise(
    special,
    {
        "beta": mp.beta,
        "betaln": lambda a, b: mp.log(mp.beta(a, b)),
        "kl_div": lambda a, b: a * mp.log(a / b) - a + b,
        "rel_entr": lambda a, b: a * mp.log(a / b),
        "xlog1py": lambda a, b: a * mp.log1p(b),
        "xlogy": lambda a, b: a * mp.log(b),
    },
    [(0.25, 0.5), (1.5, 0.75), (3.0, 7.0), (40.0, 2.5)],
)
ORDERS = [0.0, 1.0, 2.5]
elementwise(special, {"iv": mp.besseli, "jv": mp.besselj}, list(product(ORDERS, [0.5, 2.0, 9.0])))
elementwise(special, {"polygamma": lambda n, x: mp.psi(int(n), x)}, list(product([0, 1, 4], [0.5, 2.0, 9.0])))


@reference("special.solve_triangular")
def solve_triangular():
    a, b = [[2.0, -1.0, 0.5], [7.0, 4.0, 3.0], [7.0, 7.0, 0.25]], [3.0, 1.0, -2.0]

    def solved(matrix, order):
        x = [mp.mpf(0)] * 3
        for i in order:
            x[i] = (b[i] - mp.fsum(matrix[i][j] * x[j] for j in range(3) if j != i and x[j])) / matrix[i][i]
        return x

    turned = list(zip(*a, strict=True))
    upper = [[a[i][j] if j >= i else 0.0 for j in range(3)] for i in range(3)]
    unit = [[1.0 if i == j else upper[i][j] for j in range(3)] for i in range(3)]
    yield special.solve_triangular(a, b), solved(upper, (2, 1, 0))
    yield special.solve_triangular(a, b, unit_diagonal=True), solved(unit, (2, 1, 0))
    lower = [[a[i][j] if j <= i else 0.0 for j in range(3)] for i in range(3)]
    yield special.solve_triangular(a, b, lower=True), solved(lower, (0, 1, 2))
    transposed = [[turned[i][j] if j <= i else 0.0 for j in range(3)] for i in range(3)]
    yield special.solve_triangular(a, b, trans="T"), solved(transposed, (0, 1, 2))


# ------------------------------------------------------------------------------------------------------


def test_every_public_function_has_a_reference_for_its_value():
    public = {f"functional.{name}" for name in F.__all__} | {f"special.{name}" for name in special.__all__}
    assert REFERENCES.keys() == public


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_the_value_is_that_of_the_reference(name):
    with mp.workdps(120):
        for found, expected in REFERENCES[name]():
            np.testing.assert_allclose(found, np.array(expected, float), rtol=2e-13, atol=1e-300)
