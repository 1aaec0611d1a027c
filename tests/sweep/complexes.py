"""Complex operands: holomorphic functions, products, reductions, and the functions that tell z from its conjugate."""

from sweep.case import cases

ONE = [((2, 3),), ((),), ((0, 2),)]
PAIRS = [((2, 3), (3,)), ((), ()), ((2, 1), (1, 3))]
RIGHT = (0.3, 1.5)
HOLOMORPHIC = (
    *("exp", "expm1", "exp2", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "log2", "log10", "log1p", "sqrt"),
    *("square", "reciprocal", "negative", "positive", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh"),
    *("sinc", "conjugate", "sign", "abs"),
)
REDUCTIONS = ("sum", "mean", "prod", "var", "std", "cumsum", "cumprod")

CASES = [
    *(case for name in HOLOMORPHIC for case in cases(f"np.{name}(x)", ONE, interval=RIGHT, complex=True)),
    *cases("np.real(x) + 2 * np.imag(x)", ONE, complex=True),
    *cases("np.real(x)", ONE),
    *cases("np.real(x * 1j) - np.imag(x)", ONE),
    *cases("np.imag(np.conj(x) * y)", PAIRS, complex=True),
    *cases("np.angle(x, deg={deg})", ONE, interval=RIGHT, complex=True, deg=[False, True]),
    *cases("np.angle(x + 1j)", ONE, interval=RIGHT),
    *cases("np.angle(x) + x", ONE, distinct=True),
    *cases("np.real_if_close(x)", ONE, complex=True),
    *cases("np.real_if_close(x + 0j)", ONE),
    *cases("np.iscomplex(x)", ONE, complex=True, order=0),
    *cases("np.isreal(x)", ONE, complex=True, order=0),
    *cases("abs(x)", ONE, interval=RIGHT, complex=True),
    *cases("np.abs(x + 1j)", ONE),
    *(
        case
        for operator in ("+", "-", "*", "/", "**")
        for case in (
            *cases(f"x {operator} y", PAIRS, interval=RIGHT, complex=True),
            *cases(f"x {operator} (y + 0.5j)", PAIRS, interval=RIGHT),
            *cases(f"(x + 0.5j) {operator} y", PAIRS, interval=RIGHT),
        )
    ),
    *cases("x ** {n}", [((3,),)], complex=True, n=[0, 1, 2, 3, -1, 0.5]),
    *(
        case
        for name in ("matmul", "dot", "inner", "outer", "kron")
        for case in (
            *cases(f"np.{name}(x, y)", [((3,), (3,)), ((2, 3), (3,))], complex=True),
            *cases(f"np.{name}(x, y * 1j)", [((3,), (3,)), ((2, 3), (3,))]),
        )
    ),
    *cases("x @ y", [((2, 3), (3, 2)), ((2, 2, 3), (3, 2)), ((3,), (2, 3, 2))], complex=True),
    *cases("np.vdot(x, y)", [((3,), (3,)), ((2, 3), (2, 3))], complex=True),
    *cases("np.vdot(x * 1j, y)", [((3,), (3,))]),
    *cases("np.tensordot(x, y, axes={axes})", [((2, 3), (3, 2))], complex=True, axes=[1, 0, ([0, 1], [1, 0])]),
    *(
        case
        for name in REDUCTIONS
        for case in cases(f"np.{name}(x, axis={{axis}})", [((2, 3),)], complex=True, axis=[None, 0, -1])
    ),
    *cases("np.sum(x, axis=(0, 1), keepdims=True)", [((2, 3),)], complex=True),
    *cases("np.var(x * 1j, axis=0, ddof=1)", [((3, 2),)]),
    *cases("np.average(x, axis=0, weights=y)", [((3, 2), (3,))], interval=RIGHT, complex=True),
    *cases("np.diff(x)", [((2, 3),)], complex=True),
    *cases("x[{index}]", [((3, 2),)], complex=True, index=[0, (..., -1), [0, 0, 2]]),
    *cases("x[x == x]", [((3, 2),)], complex=True),
    *cases("np.concatenate([x, y])", [((2,), (3,))], complex=True),
    *cases("np.concatenate([x, y * 1j])", [((2,), (3,))]),
    *cases("np.stack([x, y * 1j], axis=-1)", [((2,), (2,))]),
    *cases("np.where(np.real(x) > 0, x, y)", PAIRS, interval=RIGHT, complex=True),
    *cases("np.where(x > 0.9, x, y * 1j)", PAIRS, interval=RIGHT),
    *cases("np.transpose(x) + np.reshape(x, (3, 2))", [((2, 3),)], complex=True),
    *cases("np.nan_to_num(x)", ONE, complex=True),
    *cases("x.astype(complex) * 1j", ONE[:1]),
    *cases("np.i0(x)", [((2, 3),), ((),), ((0,),)], interval=(-9, 9)),
]
