"""Reductions, scans and differences."""

from sweep.case import FOLDS, cases

MATRIX = [((2, 3),)]
SHAPES = [((),), ((1,),), ((3,),), ((2, 3),), ((0, 3),), ((2, 3, 2),)]
AXES = [None, 0, -1, (0, 1), (-1, 0), ()]
FLAGS = [False, True]
SMOOTH = ["sum", "mean", "prod"]
SPREAD = ["var", "std", "nanvar", "nanstd"]
EXTREMA = ["max", "min", "nanmax", "nanmin", "ptp"]
MASK = "[[True, False, True], [False, True, True]]"
PAIRED = ["power", "float_power", "arctan2", "remainder", "fmod", "copysign", "heaviside", "nextafter"]

CASES = [
    *cases("np.sum(x)", SHAPES),
    *cases("np.prod(x)", SHAPES),
    *cases("np.mean(x)", [*SHAPES[:4], SHAPES[5]]),
    *(case for f in SMOOTH for case in cases(f"np.{f}(x, axis={{axis}}, keepdims={{k}})", MATRIX, axis=AXES, k=FLAGS)),
    *(
        case
        for f in SMOOTH
        for case in cases(f"np.{f}(x, axis={{axis}})", [((2, 3, 2),), ((2, 1, 3),)], axis=[1, -2, (0, 2), (0, -1)])
    ),
    *(case for f in ("sum", "prod") for case in cases(f"np.{f}(x, axis={{axis}})", [((2, 0),), ((0,),)], axis=[0, -1])),
    *(case for f in SMOOTH for case in cases(f"np.{f}(x, axis={{axis}}, where={MASK})", MATRIX, axis=[None, 0, 1])),
    *cases("np.sum(x, axis=0, initial={i})", [((2, 3),), ((0, 3),)], i=[2.5]),
    *cases("np.prod(x, axis=0, initial={i})", [((2, 3),), ((0, 3),)], i=[2.5]),
    *(case for f in ("sum", "prod") for case in cases(f"np.{f}(x, axis=1, initial=y)", [((2, 3), ())])),
    *(case for f in ("sum", "prod", "mean", "var") for case in cases(f"np.{f}(x, axis=0, dtype=np.float64)", MATRIX)),
    *cases("np.prod(x * y, axis={axis})", [((2, 3), (1, 3))], axis=[None, 0, 1]),
    *cases("np.prod(x * [1.0, 0.0, 1.0, 1.0])", [((4,),)]),
    *cases("np.prod(x * [1.0, 0.0, 1.0, 0.0], axis=-1)", [((2, 4),)]),
    *cases("np.prod(np.where([True, False, True], x, 0), axis={axis})", [((2, 3),)], axis=[0, 1, None]),
    *(
        case
        for f in SPREAD
        for case in cases(f"np.{f}(x, axis={{axis}}, keepdims={{k}})", MATRIX, axis=AXES[:4], k=FLAGS)
    ),
    *(
        case
        for f in SPREAD
        for case in cases(f"np.{f}(x, axis={{axis}}, ddof=1)", [((2, 3, 2),)], axis=[None, 1, (0, -1)])
    ),
    *(case for f in ("var", "std") for case in cases(f"np.{f}(x, axis=1, correction=1)", MATRIX)),
    *(case for f in SPREAD for case in cases(f"np.{f}(x, axis={{axis}}, where={MASK})", MATRIX, axis=[None, 1])),
    *cases("np.var(x, axis=1, mean=y)", [((2, 3), (2, 1))]),
    *cases("np.var(x, axis={axis})", MATRIX, axis=[None, 0], complex=True),
    *cases("np.std(x, axis={axis})", MATRIX, axis=[None, 0], complex=True),
    *(
        case
        for f in EXTREMA
        for case in cases(f"np.{f}(x, axis={{axis}}, keepdims={{k}})", MATRIX, axis=AXES[:4], k=FLAGS, distinct=True)
    ),
    *(
        case
        for f in (*EXTREMA, "amax", "amin")
        for case in cases(f"np.{f}(x)", [((),), ((1,),), ((3,),)], distinct=True)
    ),
    *(
        case
        for f in ("max", "min", "nanmax", "nanmin")
        for case in cases(
            f"np.{f}(x, axis={{axis}}, initial=0.3, where={MASK})", MATRIX, axis=[None, 0, 1], distinct=True
        )
    ),
    *(case for f in ("max", "min") for case in cases(f"np.{f}(x, axis=0, initial=0.3)", [((0, 3),)], distinct=True)),
    *(
        case
        for f in ("max", "min", "nanmax", "nanmin")
        for case in cases(
            f"np.{f}(x, axis={{axis}}, initial=y, where={{mask}})",
            [((2, 3), ())],
            axis=[None, 1],
            mask=[True, [True, False, True]],
            distinct=True,
        )
    ),
    # sums of complex numbers
    *(case for f in SMOOTH for case in cases(f"np.{f}(x, axis={{axis}})", MATRIX, axis=[None, 0], complex=True)),
    *(case for f in ("cumsum", "cumprod") for case in cases(f"np.{f}(x, axis=1)", MATRIX, complex=True)),
    # nan left out
    *(
        case
        for f in ("nansum", "nanmean", "nanprod", "nanmax", "nanmin", "nanvar", "nanstd")
        for case in cases(
            f"np.{f}(np.where([True, False, True], x, np.nan), axis={{axis}})", MATRIX, axis=[None, 1], distinct=True
        )
    ),
    *(
        case
        for f in ("nansum", "nanmean", "nanprod")
        for case in cases(f"np.{f}(x, axis={{axis}}, keepdims=True, where={MASK})", MATRIX, axis=[None, 0])
    ),
    *(
        case
        for f in ("nancumsum", "nancumprod")
        for case in cases(f"np.{f}(x, axis={{axis}})", MATRIX, axis=[None, 0, -1])
    ),
    *cases("np.nancumsum(np.where([True, False, True], x, np.nan), axis={axis})", MATRIX, axis=[None, 1]),
    *cases("np.nancumprod(np.where([True, False, True], x, np.nan), axis={axis})", MATRIX, axis=[None, 1]),
    # weighted
    *cases("np.average(x, axis={axis}, keepdims={k})", MATRIX, axis=[None, 0, (0, 1)], k=FLAGS),
    *cases("np.average(x, weights=y)", [((2, 3), (2, 3)), ((3,), (3,))], interval=(0.5, 2)),
    *cases(
        "np.average(x, axis={axis}, weights=y, returned={r})",
        [((3, 2, 3), (3,))],
        axis=[0, -1],
        r=FLAGS,
        interval=(0.5, 2),
    ),
    *cases("np.average(x, axis=(2, 0), weights=y)", [((2, 2, 3), (3, 2))], interval=(0.5, 2)),
    *cases("np.average(x, axis=0, returned=True)", MATRIX),
    *cases("np.cov(x, rowvar={r}, ddof={d}).astype(x.dtype)", [((2, 3),), ((3, 3),)], r=FLAGS, d=[None, 0]),
    *cases("np.cov(x, y, bias={b}).astype(x.dtype)", [((2, 3), (1, 3)), ((3,), (3,))], b=FLAGS),
    *cases("np.cov(x, fweights=[1, 2, 1], aweights=y).astype(x.dtype)", [((2, 3), (3,))], interval=(0.5, 2)),
    *cases("np.corrcoef(x).astype(x.dtype)", [((2, 4),), ((4,),)]),
    # scans
    *(case for f in ("cumsum", "cumprod") for case in cases(f"np.{f}(x)", SHAPES)),
    *(
        case
        for f in ("cumsum", "cumprod")
        for case in cases(f"np.{f}(x, axis={{axis}})", [((2, 3, 2),), ((2, 0),), ((5, 1),)], axis=[0, 1, -1])
    ),
    *(case for f in ("cumsum", "cumprod") for case in cases(f"np.{f}(x, axis=0, dtype=np.float64)", MATRIX)),
    *cases("np.cumprod(np.where([True, False, True, True, False, True, True], x, 0), axis=-1)", [((7,),), ((2, 7),)]),
    *(
        case
        for f in ("cumulative_sum", "cumulative_prod")
        for case in cases(f"np.{f}(x, axis={{axis}}, include_initial={{i}})", MATRIX, axis=[0, -1], i=FLAGS)
    ),
    *cases("np.add.accumulate(x)", MATRIX),
    *cases("np.multiply.accumulate(x)", MATRIX),
    # methods of ufuncs
    *(
        case
        for f in FOLDS
        for method in ("accumulate(x)", "reduce(x)", "reduceat(x, [0, 2, 1])")
        for case in cases(f"np.{f}.{method}", [((3, 2),), ((4,),)], interval=(0.5, 2), distinct=True)
    ),
    *cases("np.ldexp.outer(x, [1, 2])", MATRIX),
    *(
        case
        for f in (*FOLDS, *PAIRED)
        for case in cases(f"np.{f}.outer(x, y)", [((2, 3), (2,)), ((), (3,))], ((2.1, 2.9), (0.7, 1)), distinct=True)
    ),
    # differences
    *cases("np.diff(x, n={n}, axis={axis})", [((3, 4),)], n=[0, 1, 2, 4], axis=[0, -1]),
    *cases("np.diff(x)", [((3,),), ((1,),), ((0,),), ((0, 3),), ((2, 3, 2),)]),
    *cases("np.diff(x, axis=0, prepend=y, append=1.5)", [((2, 3), ()), ((2, 3), (1, 3)), ((2, 3), (2, 3))]),
    *cases("np.ediff1d(x, to_end=y, to_begin=[1.5])", [((4,), (2,)), ((2, 3), ())]),
    *cases("np.gradient(x, axis={axis}, edge_order={e})", [((3, 4),)], axis=[None, 0, -1, (1, 0)], e=[1, 2]),
    *cases("np.gradient(x, 0.5, y)", [((3, 4), ())], interval=(0.5, 2)),
    *cases("np.gradient(x, np.cumsum(y), edge_order={e})", [((4,), (4,))], e=[1, 2], interval=(0.5, 2)),
    *cases("np.trapezoid(x, dx={dx}, axis={axis})", [((2, 3),), ((2, 3, 2),)], dx=[1.0, 0.5], axis=[0, -1]),
    *cases("np.trapezoid(x, y, axis={axis})", [((3, 3), (3,)), ((2, 3), (2, 3))], axis=[-1]),
    *cases("np.trapezoid(x, y, axis=0)", [((3, 2), (3,)), ((2, 3), (2, 3))]),
    *cases("np.unwrap(x, axis={axis}, period={p})", MATRIX, axis=[0, -1], p=[0.9, 6.0], distinct=True),
]
