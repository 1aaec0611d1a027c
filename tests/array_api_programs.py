"""Functions of SciPy and scikit-learn that ask arrays for their namespace, each with arguments to differentiate it at.

Run as a script it judges all of them and prints name and verdict as JSON. That needs a process of its own: SciPy reads
``SCIPY_ARRAY_API`` when it is imported.
"""

import json
import os
import sys

import numpy as np

RNG = np.random.default_rng(0)
TABLE, OTHER = RNG.uniform(0.2, 2, (6, 4)), RNG.uniform(0.3, 2, (6, 4))
ROW, LINE = RNG.uniform(0.3, 2, 7), RNG.uniform(0.3, 2, 7)

NAMES = [
    *(f"scipy.stats.{name}" for name in ("zscore", "gmean", "hmean", "skew", "kurtosis", "sem", "entropy")),
    *(f"scipy.stats.{name}" for name in ("differential_entropy", "gstd", "tvar", "tsem", "iqr", "circmean", "circstd")),
    *(f"scipy.special.{name}" for name in ("erf", "gammaln", "digamma", "expit", "entr", "log_ndtr", "i0", "j0")),
    *(f"scipy.special.{name}" for name in ("logsumexp", "softmax")),
    *("scipy.signal.hilbert", "scipy.signal.envelope", "scipy.signal.vectorstrength", "scipy.signal.gausspulse"),
    *("scipy.integrate.trapezoid", "scipy.integrate.cumulative_simpson"),
    *("scipy.optimize.rosen", "scipy.optimize.rosen_der", "scipy.optimize.rosen_hess"),
    *("scipy.cluster.vq.whiten", "scipy.fft.fht"),
]
OF_TWO = [
    *("scipy.stats.zmap", "scipy.special.xlogy", "scipy.special.rel_entr", "scipy.special.betaln"),
    *("scipy.signal.fftconvolve", "scipy.signal.oaconvolve", "scipy.optimize.rosen_hess_prod"),
]
PAIRWISE = [
    *("euclidean_distances", "cosine_similarity", "linear_kernel", "polynomial_kernel", "sigmoid_kernel"),
    *("rbf_kernel", "laplacian_kernel", "chi2_kernel", "manhattan_distances", "paired_cosine_distances"),
]
SCORES = ["mean_squared_error", "mean_absolute_error", "r2_score", "root_mean_squared_error", "mean_pinball_loss"]

MORE_ARGUMENTS = {"scipy.signal.vectorstrength": (0.7,), "scipy.fft.fht": (0.1, 0.3)}
ONE_ROW = ("scipy.optimize.", "scipy.signal.", "scipy.fft.")


def programs():
    """Name -> (function of arrays or Tensors, arguments)."""
    found = {}
    for name in NAMES:
        function, more = looked_up(name), MORE_ARGUMENTS.get(name, ())
        argument = ROW if name.startswith(ONE_ROW) else TABLE / 4
        found[name] = (lambda x, f=function, more=more: real(f(x, *more)), (argument,))
    for name in OF_TWO:
        found[name] = (looked_up(name), (ROW, LINE))
    for name in PAIRWISE:
        found[name] = (looked_up(f"sklearn.metrics.pairwise.{name}"), (TABLE, OTHER))
    for name in SCORES:
        score = looked_up(f"sklearn.metrics.{name}")
        found[name] = (lambda t, y, f=score: f(t, y, multioutput="raw_values"), (TABLE, OTHER))
    for name in ("MinMaxScaler", "StandardScaler", "Normalizer"):
        scaler = looked_up(f"sklearn.preprocessing.{name}")
        found[name] = (lambda x, make=scaler: make().fit_transform(x), (TABLE,))
    rotation = looked_up("scipy.spatial.transform.Rotation")
    find_root = looked_up("scipy.optimize.elementwise.find_root")
    found["Rotation"] = (lambda v: (rotation.from_rotvec(v) * rotation.from_rotvec(v / 2)).as_matrix(), (ROW[:3],))
    found["find_root"] = (lambda a: find_root(lambda x, a: x * x - a, (0 * a, 0 * a + 3), args=(a,)).x, (ROW,))
    return found


def looked_up(name):
    module, _, function = name.rpartition(".")
    return getattr(__import__(module, fromlist=[function]), function)


def real(y):
    """The first of several results; the size of complex ones."""
    y = y[0] if isinstance(y, tuple) else y
    return np.abs(y) if np.iscomplexobj(y) else y


if __name__ == "__main__":
    assert os.environ["SCIPY_ARRAY_API"] == "1"
    import sklearn

    from autograd_nn.testing import check_gradients

    sklearn.set_config(array_api_dispatch=True)
    verdicts = {}
    for name, (function, arguments) in programs().items():
        try:
            verdicts[name] = check_gradients(function, *arguments).verdict
        except Exception as error:
            verdicts[name] = f"{type(error).__name__}: {error}"
    json.dump(verdicts, sys.stdout)
