"""Sorting, order statistics, and choosing elements."""

from sweep.case import FOLDS, cases

MATRIX = [((2, 3),)]
METHODS = [
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull"),
    *("linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
]
HOLES = "np.where([[True, False, True, True], [False, True, True, True], [True, True, False, True]], x, np.nan)"
HALVES = "[[True, False, True], [False, True, True]]"


def written(call):
    """What a copy of x is after the call that writes into it."""
    return f"(lambda x: (np.{call}, x)[1])(x.copy())"


CASES = [
    *cases("np.sort(x, axis={axis})", [((2, 3),), ((2, 3, 2),)], axis=[0, 1, -1, None], distinct=True),
    *cases("np.sort(x)", [((1,),), ((5,),), ((0,),), ((0, 3),)], distinct=True),
    *cases("np.sort(x, kind={kind})", MATRIX, kind=["quicksort", "stable", "heapsort"], distinct=True),
    *cases("np.sort(x, stable=True)", MATRIX, distinct=True),
    *cases("np.sort(x)", [((4,),)], distinct=True, complex=True),
    *cases("np.sort_complex(x)", [((4,),)], distinct=True, complex=True),
    *cases("np.partition(x, {kth}, axis={axis})", [((4, 3),)], kth=[1, (0, 2)], axis=[0, -1, None], distinct=True),
    *cases(
        "np.median(x, axis={axis}, keepdims={k})",
        [((2, 3),)],
        axis=[None, 0, -1, (0, 1)],
        k=[False, True],
        distinct=True,
    ),
    *cases("np.median(x, axis={axis})", [((3, 2, 4),)], axis=[1, (0, -1)], distinct=True),
    *cases("np.median(x)", [((),), ((1,),), ((4,),), ((5,),)], distinct=True),
    *cases("np.nanmedian(x, axis={axis})", MATRIX, axis=[None, 0, 1], distinct=True),
    *cases(
        f"np.nanmedian({HOLES}, axis={{axis}}, keepdims={{k}})",
        [((3, 4),)],
        axis=[None, 0, 1],
        k=[False, True],
        distinct=True,
    ),
    *cases("np.quantile(x, 0.3, method={m}).astype(x.dtype)", [((5,),)], m=METHODS, distinct=True),
    *cases("np.percentile(x, [20, 75], axis=0, method={m}).astype(x.dtype)", [((4, 2),)], m=METHODS, distinct=True),
    *cases(
        "np.quantile(x, [0.0, 0.3, 1.0], axis={axis}, keepdims={k}).astype(x.dtype)",
        [((3, 4),), ((2, 2, 3),)],
        axis=[None, 0, -1, (0, 1)],
        k=[False, True],
        distinct=True,
    ),
    *cases("np.quantile(x, [[0.1], [0.7]], axis=1).astype(x.dtype)", MATRIX, distinct=True),
    *cases("np.percentile(x, {q}, axis={axis})", MATRIX, q=[0, 40, 100], axis=[None, 1], distinct=True),
    *cases(
        f"np.nanquantile({HOLES}, [0.2, 0.6], axis={{axis}}).astype(x.dtype)",
        [((3, 4),)],
        axis=[None, 0, 1],
        distinct=True,
    ),
    *cases(
        f"np.nanpercentile({HOLES}, 35.0, axis={{axis}}, keepdims=True)", [((3, 4),)], axis=[None, 1], distinct=True
    ),
    # choosing elements
    *cases("np.take(x, {i}, axis={axis})", MATRIX, i=[1, [0, 0, 1], [[-1], [0]]], axis=[None, 0, -1]),
    *cases("np.take(x, [0, 7, -9], axis=1, mode={mode})", MATRIX, mode=["wrap", "clip"]),
    *cases("np.take_along_axis(x, np.array([[0, 0], [2, 1]]), axis={axis})", [((2, 3),)], axis=[1, -1]),
    *cases("np.take_along_axis(x, np.array([1, 1, 4]), axis=None)", MATRIX),
    *cases("np.take_along_axis(x, np.argsort(x, axis={axis}), axis={axis})", MATRIX, axis=[0, 1], distinct=True),
    *cases("x[np.argsort(x)]", [((4,),)], distinct=True),
    *cases("x[np.argmax(x, axis=0), [0, 1, 2]]", MATRIX, distinct=True),
    *cases("np.choose([[0, 1, 0], [1, 1, 0]], [x, y])", [((2, 3), (2, 3)), ((3,), (2, 1)), ((), (3,))]),
    *cases("np.choose([0, 5, -1], [x, y], mode={mode})", [((3,), (3,)), ((2, 3), ())], mode=["wrap", "clip"]),
    *cases("np.choose([1, 0, 1], x)", MATRIX),
    *cases(
        f"np.select([{HALVES}, [True, False, True]], [x, y], default={{d}})", [((2, 3), (3,)), ((), (2, 3))], d=[0, 1.5]
    ),
    *cases(f"np.select([{HALVES}], [x], default=y)", [((2, 3), (2, 3)), ((2, 3), ())]),
    *cases("np.compress([True, False, True], x, axis={axis})", [((3, 3),)], axis=[None, 0, -1]),
    *cases("np.extract([True, False, True, False, True, True], x)", [((6,),), ((2, 3),)]),
    *cases("np.extract(x > 0, x)", MATRIX, distinct=True),
    *cases("np.where(x > 0, x, y)", [((2, 3), (3,)), ((3,), ())], distinct=True),
    *cases("np.bincount([0, 2, 2, 5], weights=x, minlength={m}).astype(x.dtype)", [((4,),)], m=[0, 9]),
    *cases("np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]]), {t})", [((3,),)], t=["fb", "f", "b"], distinct=True),
    # sets
    *cases("np.unique(np.concatenate([x, x[:1]]), axis={axis})", [((3, 2),)], axis=[None, 0, -1], distinct=True),
    *cases("np.unique(x, return_index=True, return_inverse=True, return_counts=True)", MATRIX, distinct=True),
    *(
        case
        for f in ("unique_all", "unique_counts", "unique_inverse", "unique_values")
        for case in cases(f"np.{f}(x)", MATRIX, distinct=True)
    ),
    *(
        case
        for f in ("intersect1d", "setxor1d", "setdiff1d", "union1d")
        for case in cases(f"np.{f}(x, np.concatenate([y, x[:2]]))", [((4,), (3,))], distinct=True)
    ),
    # in place
    *(
        case
        for f in (
            "put(x, [0, 5, 5], y)",
            "putmask(x, {mask}, y)",
            "place(x, {mask}, y)",
            "put_along_axis(x, np.array([[1, 1, 0]]), y, 0)",
        )
        for case in cases(written(f), [((2, 3), (3,))], mask=[[[1, 0, 1], [0, 1, 1]]])
    ),
    *cases(written("copyto(x, y, where=[True, False, True])"), [((2, 3), (3,)), ((2, 3), ())]),
    *cases(written("fill_diagonal(x, y)"), [((3, 2), ()), ((3, 2), (2,))]),
    *(
        case
        for f in (*FOLDS, "power")
        for case in cases(written(f"{f}.at(x, [0, 2, 0], y)"), [((3,), (3,))], (0.5, 2), distinct=True)
    ),
    *cases(written("negative.at(x, [0, 2, 0])"), [((3,),)]),
    *cases("np.piecewise(x, [x < 0, x > 1], [np.square, 7.0, np.sin])", MATRIX, distinct=True),
    # constants
    *(
        case
        for f in ("argmax", "argmin", "argsort", "nanargmax", "nanargmin", "count_nonzero", "any", "all")
        for case in cases(f"np.{f}(x, axis={{axis}})", MATRIX, axis=[0, -1], distinct=True, order=0)
    ),
    *(
        case
        for f in ("nonzero", "argwhere", "flatnonzero")
        for case in cases(f"np.{f}(x)", MATRIX, distinct=True, order=0)
    ),
    *cases("np.argpartition(x, 1)", [((3,),)], distinct=True, order=0),
    *cases("np.searchsorted([-1.0, 0.0, 1.0], x)", MATRIX, distinct=True, order=0),
    *cases("np.digitize(x, [-1.0, 0.0, 1.0])", MATRIX, distinct=True, order=0),
    *cases("np.histogram(x, bins={b}, range=(-2, 2))", [((9,),)], b=[4], distinct=True, order=0),
    *cases("np.lexsort((x, y))", [((4,), (4,))], distinct=True, order=0),
]
