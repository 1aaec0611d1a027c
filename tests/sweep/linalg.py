"""`numpy.linalg`. Of complex vectors, whose phases are LAPACK's choice, only what does not depend on them."""

from sweep.case import cases

SQUARE = [((2, 2),), ((3, 3),), ((2, 2, 2),), ((1, 1),), ((0, 0),), ((0, 2, 2),)]
TALL = [((3, 2),), ((2, 2),), ((2, 3, 1),), ((1, 1),), ((0, 2),), ((4, 3),)]
WIDE = [((2, 3),), ((2, 1, 3),), ((2, 0),)]
MATRIX = [((2, 3),)]
STACK = [((2, 3, 2),)]

ONE = "np.eye(*x.shape[-2:], dtype=x.dtype)"
SCALE = "np.arange(9, 9 + 9 * x.shape[-1], 9, dtype=x.dtype)"
REGULAR = f"x + 4 * {ONE}"
TAPERED = f"x + {ONE} * {SCALE}"  # singular values and eigenvalues that are well apart
POSITIVE = f"x @ np.conj(x.mT) + 2 * {ONE}"

VECTOR_ORDERS = [None, 2, 1, 3, 2.5, 0.5, -1, -2, float("inf"), -float("inf")]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")]


def both(text, shapes, **options):
    """Of real numbers and, for the first shapes, of complex ones."""
    return [*cases(text, shapes, **options), *cases(text, shapes[:3], complex=True, **options)]


def of_factors(text, factors):
    """An expression in the factors f of a decomposition."""
    return f"(lambda f: {text})({factors})"


# `inf` is how a choice of it reads in the text of a case
INF = "(lambda inf: {})(np.inf)".format

CASES = [
    # inverses and determinants
    *both(f"np.linalg.inv({REGULAR})", SQUARE),
    *both("np.linalg.det(x)", SQUARE),
    *both(f"np.linalg.slogdet({REGULAR})", SQUARE),
    *both("np.linalg.slogdet(x).logabsdet", SQUARE[:1]),
    *both(f"np.linalg.pinv({TAPERED})", [*TALL, *WIDE]),
    *cases(f"np.linalg.pinv({TAPERED}, 1e-10)", MATRIX),
    *cases(f"np.linalg.pinv({TAPERED}, rtol={{rtol}})", MATRIX, rtol=[1e-10, None]),
    *both(f"np.linalg.pinv({TAPERED}, hermitian=True)", SQUARE[:3]),
    *both(
        f"np.linalg.solve({REGULAR}, y)",
        [
            ((2, 2), (2,)),
            ((3, 3), (3, 2)),
            ((2, 2, 2), (2,)),
            ((2, 1, 2, 2), (3, 2, 1)),
            ((2, 2), (3, 2, 1)),
            ((0, 0), (0,)),
            ((2, 2), (2, 0)),
            ((0, 2, 2), (2, 1)),
        ],
    ),
    *cases("np.linalg.solve(np.array([[2, 1], [1, 3]], dtype=x.dtype), x)", [((2,),), ((2, 3),)]),
    *cases(f"np.linalg.solve({REGULAR}, np.array([1, 2], dtype=x.dtype))", SQUARE[:1]),
    *both(f"np.linalg.lstsq({TAPERED}, y)", [((4, 2), (4,)), ((3, 2), (3, 2)), ((2, 2), (2,)), ((2, 3), (2,))]),
    *cases("np.linalg.lstsq(x, y)", [((0, 2), (0,)), ((2, 0), (2,)), ((0, 0), (0, 1))]),
    *cases(f"np.linalg.lstsq({TAPERED}, y, rcond={{rcond}})", [((3, 2), (3,))], rcond=[None, -1, 1e-10]),
    *cases("np.linalg.tensorsolve(x + 9 * np.eye(6, dtype=x.dtype).reshape(2, 3, 6), y)", [((2, 3, 6), (2, 3))]),
    *cases(
        "np.linalg.tensorsolve(x + 9 * np.eye(6, dtype=x.dtype).reshape(2, 6, 3), y, axes=(0, 2))", [((2, 6, 3), (6,))]
    ),
    *cases("np.linalg.tensorinv(x + 9 * np.eye(4, dtype=x.dtype).reshape(2, 2, 4))", [((2, 2, 4),)]),
    *cases("np.linalg.tensorinv(x + 9 * np.eye(4, dtype=x.dtype).reshape(4, 2, 2), ind=1)", [((4, 2, 2),)]),
    # decompositions
    *both(f"np.linalg.cholesky({POSITIVE})", SQUARE),
    *both(f"np.linalg.cholesky({POSITIVE}, upper=True)", SQUARE[:3]),
    *both(f"np.linalg.cholesky(x + 12 * {ONE}, upper={{upper}})", SQUARE[:2], upper=[False, True]),
    *cases(f"np.linalg.eigh({TAPERED}, UPLO={{UPLO}})", SQUARE, UPLO=["L", "u"]),
    *both(f"np.linalg.eigvalsh({TAPERED}, {{UPLO}})", SQUARE, UPLO=["L", "U"]),
    *cases(
        of_factors("f[1] * np.exp(f[0] / 9)[..., None, :] @ np.conj(f[1].mT)", f"np.linalg.eigh({TAPERED}, {{UPLO}})"),
        SQUARE[:3],
        complex=True,
        UPLO=["L", "U"],
    ),
    *both(f"np.linalg.eig({TAPERED})", SQUARE),
    *both(f"np.linalg.eigvals({TAPERED})", SQUARE),
    *cases("np.linalg.eig(x + np.array([[0, 9], [-9, 0]], dtype=x.dtype))", SQUARE[:1]),
    *cases("np.linalg.eigvals(x + np.array([[0, 9], [-9, 0]], dtype=x.dtype))", [((2, 2),), ((3, 2, 2),)]),
    *cases(f"np.linalg.svd({TAPERED}, full_matrices=False)", [*TALL, *WIDE]),
    *cases(f"np.linalg.svd({TAPERED})", SQUARE),
    *both(f"np.linalg.svd({TAPERED}, compute_uv=False)", [((3, 2),), ((2, 3),)]),
    *cases(f"np.linalg.svd({TAPERED}, hermitian=True)", SQUARE[:3]),
    *both(f"np.linalg.svd({TAPERED}, compute_uv=False, hermitian=True)", SQUARE[:2]),
    *both(f"np.linalg.svdvals({TAPERED})", [*TALL, *WIDE]),
    *cases(
        of_factors("f[0] * np.exp(f[1] / 9)[..., None, :] @ f[2]", f"np.linalg.svd({TAPERED}, full_matrices=False)"),
        [((3, 2),), ((2, 2),), ((2, 3),), ((2, 3, 1),)],
        complex=True,
    ),
    *both(f"np.linalg.qr({TAPERED})", [*TALL, *WIDE]),
    *both(f"np.linalg.qr({TAPERED}, mode={{mode}})", [((2, 2),), ((2, 3),)], mode=["complete", "r"]),
    *cases(f"np.linalg.qr({TAPERED}, 'r')", TALL[:1]),
    # norms
    *both("np.linalg.norm(x)", [((2, 3),), ((),), ((3,),), ((2, 3, 2),), ((0,),)]),
    *cases("np.linalg.norm(x, keepdims=True)", [((2, 3),), ((),)]),
    *cases(
        INF("np.linalg.norm(x, {ord}, axis={axis}, keepdims=False)"),
        MATRIX,
        distinct=True,
        ord=VECTOR_ORDERS,
        axis=[0],
    ),
    *cases(
        INF("np.linalg.norm(x, {ord}, axis={axis}, keepdims=True)"),
        MATRIX,
        distinct=True,
        ord=[None, 3, 1, -float("inf")],
        axis=[-1, (0,)],
    ),
    *cases(INF("np.linalg.norm(x, {ord})"), [((3,),)], complex=True, ord=VECTOR_ORDERS),
    *cases("np.linalg.norm(x, 0, axis={axis})", MATRIX, axis=[0, 1], order=0),
    *cases(INF(f"np.linalg.norm({TAPERED}, {{ord}})"), MATRIX, ord=MATRIX_ORDERS),
    *cases(INF(f"np.linalg.norm({TAPERED}, {{ord}})"), MATRIX, complex=True, ord=MATRIX_ORDERS),
    *cases(
        INF("np.linalg.norm(x, {ord}, axis={axis}, keepdims=False)"),
        STACK,
        distinct=True,
        ord=MATRIX_ORDERS,
        axis=[(0, 1), (2, -3)],
    ),
    *cases(INF("np.linalg.norm(x, {ord})"), [((0,),), ((0, 0),)], ord=[2, 1, float("inf")]),
    *cases(INF("np.linalg.norm(x, {ord}, axis=(2, 0), keepdims=True)"), STACK, distinct=True, ord=MATRIX_ORDERS),
    *cases(
        INF("np.linalg.vector_norm(x, axis={axis}, ord={ord})"),
        STACK,
        axis=[None, (0, 2)],
        ord=[2, 1, 2.5, -float("inf")],
    ),
    *cases("np.linalg.vector_norm(x, keepdims=True)", [((2, 3),), ((),), ((0, 3),)]),
    *cases(INF("np.linalg.matrix_norm(x, ord={ord})"), STACK, distinct=True, ord=["nuc", float("inf")]),
    *cases("np.linalg.matrix_norm(x, keepdims=True)", [((2, 3),), ((0, 3),)]),
    *cases(INF(f"np.linalg.cond({TAPERED}, {{p}})"), [((2, 2),), ((2, 3, 3),)], p=MATRIX_ORDERS),
    *cases(f"np.linalg.cond({TAPERED}, {{p}})", MATRIX, p=[None, 2, -2]),
    *cases(f"np.linalg.cond({TAPERED}, {{p}})", SQUARE[:1], complex=True, p=[None, 1, "fro"]),
    *cases(f"np.linalg.matrix_rank({TAPERED})", [((2, 3),), ((2, 2, 2),)], order=0),
    # products and names of the array API
    *both(f"np.linalg.matrix_power({REGULAR}, {{n}})", SQUARE[:3], n=[1, 2, 3, 5, -1, -2]),
    *cases("np.linalg.matrix_power(x, 0)", SQUARE[:3], order=0),
    *both("np.linalg.multi_dot([x, y])", [((2, 3), (3, 2)), ((3,), (3,)), ((3,), (3, 2))]),
    *both("np.linalg.multi_dot([x, y, z])", [((2, 3), (3, 1), (1, 4)), ((3,), (3, 2), (2,)), ((3,), (3, 2), (2, 2))]),
    *cases("np.linalg.multi_dot([x, y, np.ones((2, 5), dtype=x.dtype), z, x])", [((2, 3), (3, 2), (5, 2))]),
    *cases("np.linalg.matmul(x, y)", [((2, 3), (3, 2)), ((3,), (2, 3, 1))]),
    *cases("np.linalg.outer(x, y)", [((3,), (2,)), ((0,), (2,))]),
    *cases("np.linalg.cross(x, y)", [((3,), (3,)), ((2, 3), (3,))]),
    *cases("np.linalg.cross(x, y, axis=0)", [((3, 2), (3, 2))]),
    *both("np.linalg.vecdot(x, y)", [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3))]),
    *cases("np.linalg.vecdot(x, y, axis=0)", [((3, 2), (3, 2))]),
    *cases("np.linalg.tensordot(x, y, axes={axes})", [((2, 3, 2), (3, 2, 2))], axes=[([1, 2], [0, 1]), ((1,), (0,))]),
    *cases("np.linalg.trace(x, offset={offset})", [((3, 3),), ((2, 2, 3),)], offset=[0, 1, -1]),
    *cases("np.linalg.trace(x, dtype=np.float64)", [((3, 3),)], order=1),
    *cases("np.linalg.diagonal(x, offset={offset})", [((3, 3),), ((2, 2, 3),)], offset=[0, 1, -1]),
    *cases("np.linalg.matrix_transpose(x)", [((2, 3),), ((2, 1, 3),)]),
]
