"""The functions of autograd_nn.special against SciPy's."""

from sweep.case import cases

SHAPES = [((2, 3),), ((),), ((0, 2),)]
PAIRS = [((2, 3), (3,)), ((), ()), ((0, 3), (1, 3))]
SQUARE_AND_VECTOR = [((3, 3), (3,)), ((2, 3, 3), (3,))]
SQUARE_AND_MATRIX = [
    ((3, 3), (3, 2)),
    ((2, 2, 2), (2, 1)),
    ((1, 1), (1, 3)),
    ((2, 1, 2, 2), (3, 2, 2)),
    ((2, 2), (3, 2, 2)),
]
ROWS = [((2, 3),), ((3, 2, 2),)]

UNARY = {
    "expit log_expit exp10 erf erfc ndtr log_ndtr": (-3, 3),
    "i0 i1 j0 j1": (-6, 6),
    "i0e i1e": (0.2, 9),
    "logit ndtri": (0, 1),
    "erfinv": (-1, 1),
    "erfcinv": (0, 2),
    "gammaln digamma gamma": (0.7, 6),
    "y0 y1": (0.7, 9),
    "entr": (0.1, 2),
}
BINARY = {
    "beta betaln": (0.7, 4),
    "xlogy xlog1py rel_entr kl_div": (0.2, 2),
}


def of(module, name, *arguments):
    return f"{module}.{name}({', '.join(arguments)})"


CASES = [
    *(
        case
        for names, interval in UNARY.items()
        for name in names.split()
        for case in (
            *cases(of("special", name, "x"), SHAPES, interval=interval, reference=of("scipy.special", name, "x")),
            *cases(of("scipy.special", name, "x"), SHAPES[:1], interval=interval),
        )
    ),
    *(
        case
        for names, interval in BINARY.items()
        for name in names.split()
        for case in (
            *cases(
                of("special", name, "x", "y"), PAIRS, interval=interval, reference=of("scipy.special", name, "x", "y")
            ),
            *cases(of("scipy.special", name, "x", "y"), PAIRS[:1], interval=interval),
        )
    ),
    *(
        case
        for name, orders in [("polygamma", [0, 1, 3]), ("jv", [0, 1, 2.5, -1]), ("iv", [0, 1, 2.5, -1])]
        for case in cases(
            f"special.{name}({{n}}, x)",
            SHAPES,
            interval=(0.7, 5),
            reference=f"scipy.special.{name}({{n}}, x)",
            n=orders,
        )
    ),
    *(case for name in ("jv", "iv") for case in cases(f"scipy.special.{name}(1, x)", SHAPES[:1], interval=(0.7, 5))),
    *cases("special.gammaln(x)", SHAPES, interval=(-0.9, -0.1), reference="scipy.special.gammaln(x)"),
    *cases("special.gamma(x)", SHAPES, interval=(-0.8, -0.2), reference="scipy.special.gamma(x)"),
    *cases("special.log_ndtr(x)", SHAPES, interval=(-40, -7), reference="scipy.special.log_ndtr(x)"),
    *cases("special.i0e(x) + special.i1e(x)", SHAPES, interval=(-60, -5)),
    *cases("special.erf(x)", SHAPES, complex=True, reference="scipy.special.erf(x)"),
    *cases(
        "special.logsumexp(x, axis={axis}, keepdims={keepdims})",
        ROWS,
        reference="scipy.special.logsumexp(x, axis={axis}, keepdims={keepdims})",
        axis=[None, 0, -1, (0, 1)],
        keepdims=[False, True],
    ),
    *cases(
        "special.logsumexp(x, axis={axis}, b=y, keepdims={keepdims})",
        [((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3))],
        interval=(0.2, 2),
        reference="scipy.special.logsumexp(x, axis={axis}, b=y, keepdims={keepdims})",
        axis=[None, 0, -1, (0, 1)],
        keepdims=[False, True],
    ),
    *cases(
        "special.logsumexp(x, b=np.array([2, -0.1, 0.5], x.dtype))",
        [((3,),)],
        reference="scipy.special.logsumexp(x, b=np.array([2, -0.1, 0.5], x.dtype))",
    ),
    *(
        case
        for name in ("softmax", "log_softmax")
        for case in cases(
            f"special.{name}(x, axis={{axis}})",
            ROWS,
            reference=f"scipy.special.{name}(x, axis={{axis}})",
            axis=[None, 0, -1, (0, 1)],
        )
    ),
    *cases(
        "special.solve_triangular(x, y, trans={trans}, lower={lower}, unit_diagonal={unit})",
        SQUARE_AND_VECTOR,
        interval=(0.5, 2),
        reference="scipy.linalg.solve_triangular(x, y, trans={trans}, lower={lower}, unit_diagonal={unit})",
        trans=[0, "T"],
        lower=[False, True],
        unit=[False, True],
    ),
    *cases(
        "special.solve_triangular(x, y, trans={trans}, lower={lower})",
        SQUARE_AND_MATRIX,
        interval=(0.5, 2),
        reference="scipy.linalg.solve_triangular(x, y, trans={trans}, lower={lower})",
        trans=[0, 1, 2],
        lower=[False, True],
    ),
    *cases(
        "special.solve_triangular(x, y, trans={trans})",
        [((2, 2), (2, 3))],
        interval=(0.5, 2),
        complex=True,
        reference="scipy.linalg.solve_triangular(x, y, trans={trans})",
        trans=["N", "T", "C"],
    ),
]
