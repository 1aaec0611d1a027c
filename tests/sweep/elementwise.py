"""Functions of numbers, element by element."""

from sweep.case import cases

SHAPES = [((),), ((1,),), ((2, 3),), ((0, 3),)]
PAIRS = [((2, 3), (2, 3)), ((3,), ()), ((), (2, 2)), ((2, 1), (1, 3)), ((0, 3), (1, 3))]
SCALARS = [((2, 3),)]

UNARY = {
    (-2, 2): [
        *("negative", "positive", "square", "exp", "exp2", "expm1", "sin", "cos", "sinh", "cosh", "tanh"),
        *("arctan", "arcsinh", "sinc", "deg2rad", "rad2deg", "degrees", "radians", "i0"),
    ],
    (-0.9, 0.9): ["arcsin", "arccos", "arctanh", "tan"],
    (0.1, 3): ["sqrt", "cbrt", "reciprocal", "log", "log2", "log10", "log1p"],
    (1.1, 3): ["arccosh"],
}
KINKED = ["absolute", "fabs", "abs", "nan_to_num"]
BINARY = {
    (-2, 2): ["add", "subtract", "multiply", "logaddexp", "logaddexp2"],
    (0.3, 2): ["divide", "true_divide", "power", "float_power", "hypot", "arctan2"],
}
BINARY_KINKED = ["maximum", "minimum", "fmax", "fmin", "copysign", "heaviside"]
STEPS = ["remainder", "mod", "fmod"]
CONSTANT = ["floor", "ceil", "trunc", "rint", "round", "fix", "sign", "isfinite", "isnan", "signbit", "spacing"]
COMPARISONS = ["equal", "less", "greater_equal", "logical_and", "floor_divide", "isclose"]
HOLOMORPHIC = [
    *("negative", "positive", "square", "exp", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "arctan", "arcsinh"),
    *("sqrt", "reciprocal", "log", "log2", "log10", "log1p", "tan", "exp2"),
]


def each(functions, call, shapes, interval=(-2, 2), **choices):
    return [case for f in functions for case in cases(call.replace("#", f), shapes, interval, **choices)]


CASES = [
    *(case for interval, functions in UNARY.items() for case in each(functions, "np.#(x)", SHAPES, interval)),
    *each(KINKED, "np.#(x)", SHAPES, distinct=True),
    *(case for interval, functions in BINARY.items() for case in each(functions, "np.#(x, y)", PAIRS, interval)),
    *(case for interval, functions in BINARY.items() for case in each(functions, "np.#(x, 1.5)", SCALARS, interval)),
    *(case for interval, functions in BINARY.items() for case in each(functions, "np.#(1.5, x)", SCALARS, interval)),
    *each(["add", "multiply", "power", "hypot"], "np.#(x, x)", SCALARS, (0.3, 2)),
    *each(["sin", "exp", "tanh", "square"], "np.#(x, dtype=np.float64)", SCALARS),
    *each(["add", "multiply", "divide", "hypot"], "np.#(x, y, dtype=np.float64)", PAIRS[:2], (0.3, 2)),
    *each(BINARY_KINKED, "np.#(x, y)", PAIRS, distinct=True),
    *each(BINARY_KINKED, "np.#(x, 0.01)", SCALARS, distinct=True),
    *each(BINARY_KINKED, "np.#(-0.01, x)", SCALARS, distinct=True),
    *each(STEPS, "np.#(x, y)", PAIRS, ((2.1, 2.9), (0.9, 1.0))),
    *each(STEPS, "np.#(x, 0.8)", SCALARS, (-0.7, -0.1)),
    *each(STEPS, "np.#(1.5, x)", SCALARS, (0.8, 1.4)),
    *cases("np.divmod(x, y)", PAIRS, ((2.1, 2.9), (0.9, 1.0))),
    *cases("np.modf(x)", SHAPES, (1.1, 1.9)),
    *cases("np.frexp(x)", SHAPES, (1.1, 1.9)),
    *cases("np.ldexp(x, {n})", SHAPES, n=[2, -1]),
    *cases("np.nextafter(x, y)", PAIRS[:2], distinct=True),
    *cases("np.clip(x, -1.0, 1.0)", [*SHAPES, ((2, 3, 2),)], distinct=True),
    *cases("np.clip(x, {low}, {high})", SCALARS, low=[None, -0.5], high=[None, 0.7], distinct=True),
    *cases("np.clip(x, y, 1.3)", [((2, 3), ()), ((2, 3), (3,)), ((3,), (2, 1))], distinct=True),
    *cases(
        "np.clip(x, min=y, max=z)", [((2, 3), (), (3,)), ((3,), (), ())], ((-2, 2), (-1, -0.5), (0.5, 1)), distinct=True
    ),
    *cases("np.where([True, False, True], x, y)", [((3,), (3,)), ((2, 3), ()), ((), (3,)), ((), ()), ((0, 3), (1, 3))]),
    *cases("np.where([[True], [False]], x, {other})", [((2, 3),), ((3,),)], other=[0, 2.5]),
    *cases("np.where({c}, x, y)", [((), (3,)), ((2, 3), (2, 1))], c=[True, False]),
    *cases("np.nan_to_num(x / [1.0, 0.0, 1.0], nan=0.5, posinf=1.0, neginf=-1.0)", SCALARS, distinct=True),
    *cases("x.clip(-1.0, 1.0)", SCALARS, distinct=True),
    *each(CONSTANT, "np.#(x)", SCALARS, distinct=True, order=0),
    *each(COMPARISONS, "np.#(x, y)", PAIRS[:2], distinct=True, order=0),
    *cases("np.around(x, 1)", SCALARS, distinct=True, order=0),
    # complex numbers
    *each(HOLOMORPHIC, "np.#(x)", SCALARS, (0.2, 1), complex=True),
    *each(["add", "subtract", "multiply", "divide", "power"], "np.#(x, y)", PAIRS[:2], (0.3, 1.2), complex=True),
    *each(["real", "imag", "conjugate", "absolute", "angle"], "np.#(x)", [((),), ((2, 3),)], (0.3, 1.2), complex=True),
    *each(["real", "conjugate"], "np.#(x)", SCALARS),
    *cases("np.angle(x)", SCALARS, distinct=True),
    *each(["imag"], "np.#(x)", SCALARS, order=0),
]
