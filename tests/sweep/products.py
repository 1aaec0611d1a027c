"""Products of vectors, matrices and tensors; convolution, interpolation and polynomials."""

from sweep.case import cases

FLAGS = [False, True]
MATRICES = [
    *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (3, 2)), ((2, 2, 3), (2, 3, 2))),
    *(
        ((2, 1, 2, 3), (3, 3, 2)),
        ((3,), (2, 3, 2)),
        ((2, 2, 3), (3,)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 2)),
        ((1, 1), (1, 1)),
    ),
]
EINSUMS = {
    "ii->": [((3, 3),)],
    "ii->i": [((3, 3),)],
    "ii": [((2, 2),)],
    "iij->j": [((2, 2, 3),)],
    "iii->i": [((2, 2, 2),)],
    "ijij->ji": [((2, 3, 2, 3),)],
    "ij->ji": [((2, 3),)],
    "ij->": [((2, 3),), ((0, 3),)],
    "ba": [((2, 3),)],
    "i...->...": [((2, 3),), ((2,),), ((2, 3, 2),)],
    "...ii->...i": [((2, 3, 3),), ((2, 2),)],
    "->": [((),)],
    "i,i": [((3,), (3,)), ((0,), (0,)), ((1,), (3,))],
    "i,i->i": [((3,), (3,)), ((3,), (1,))],
    "i,j": [((2,), (3,))],
    "i,j->ji": [((2,), (3,))],
    ",ij->ij": [((), (2, 3))],
    "ij,jk": [((2, 3), (3, 2)), ((2, 1), (3, 2)), ((2, 0), (0, 2))],
    "ij,jk->ki": [((2, 3), (3, 2))],
    "ij,ij->i": [((2, 3), (2, 3)), ((2, 1), (1, 3))],
    "ij,kl->jl": [((2, 3), (2, 3))],
    "ii,ij->j": [((3, 3), (3, 2))],
    "bij,bjk->bik": [((2, 2, 3), (2, 3, 2)), ((1, 2, 3), (2, 3, 2))],
    "...ij,...jk->...ik": [((2, 2, 3), (3, 2)), ((2, 1, 2, 3), (2, 3, 1)), ((2, 3), (3, 2))],
    "...i,...": [((2, 3), (2,)), ((3,), ())],
    "i...,i...->...": [((2, 3), (2, 1)), ((2,), (2, 3))],
    "abc,cbd->ad": [((2, 2, 3), (3, 2, 2))],
    "ij,jk,kl->il": [((2, 3), (3, 2), (2, 3))],
    "i,j,k->kji": [((2,), (3,), (2,))],
    "a,ab,abc->abc": [((2,), (2, 3), (2, 3, 2))],
    "ij,ik,il->jkl": [((2, 3), (2, 2), (2, 2)), ((1, 3), (2, 2), (2, 2))],
}

CASES = [
    *cases("np.matmul(x, y)", MATRICES),
    *cases(
        "np.dot(x, y)",
        [*MATRICES[:4], ((2, 2, 3), (2, 3, 2)), ((), (2, 3)), ((2,), ()), ((3,), (2, 3, 2)), ((0, 3), (3, 2))],
    ),
    *cases("x.dot(y)", MATRICES[:3]),
    *cases("np.vdot(x, y)", [((3,), (3,)), ((2, 3), (3, 2)), ((), ()), ((0,), (0,))]),
    *cases(
        "np.inner(x, y)",
        [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3)), ((2, 2, 3), (3,)), ((), (2, 3)), ((0, 3), (2, 3))],
    ),
    *cases("np.outer(x, y)", [((2,), (3,)), ((2, 2), (3,)), ((), (3,)), ((0,), (3,))]),
    *cases("np.vecdot(x, y)", [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((0, 3), (1, 3))]),
    *cases("np.matvec(x, y)", [((2, 3), (3,)), ((2, 2, 3), (3,)), ((2, 3), (4, 3)), ((2, 1, 2, 3), (2, 3))]),
    *cases("np.vecmat(x, y)", [((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 3), (2, 3, 2)), ((3,), (2, 3, 2))]),
    *cases("np.tensordot(x, y, axes={a})", [((2, 3), (2, 3))], a=[0, 2, ([0, 1], [0, 1]), ([1], [1]), ([-2], [0])]),
    *cases("np.tensordot(x, y, axes=1)", [((2, 3), (3, 2)), ((3,), (3,)), ((2, 2, 3), (3, 2, 2)), ((2, 0), (0, 2))]),
    *cases("np.tensordot(x, y, axes=([0, 2], [2, 1]))", [((2, 2, 3), (2, 3, 2))]),
    *cases("np.kron(x, y)", [((2,), (3,)), ((2, 3), (2, 2)), ((2,), (2, 3)), ((), (2, 2)), ((2, 1, 2), (2, 2))]),
    *cases("np.cross(x, y)", [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (2, 3)), ((0, 3), (3,))]),
    *cases("np.cross(x, y, axisa={a}, axisb={b}, axisc={c})", [((3, 3), (3, 3))], a=[0, -1], b=[0, 1], c=[0, -1]),
    *cases("np.cross(x, y, axis=0)", [((3, 2), (3, 2))]),
    *(
        case
        for f in ("matmul", "dot", "inner")
        for case in cases(f"np.{f}(x, y)", [((3,), (3,)), ((3, 3), (3, 3))], complex=True)
    ),
    *(
        case
        for f in ("vdot", "vecdot", "outer", "cross")
        for case in cases(f"np.{f}(x, y)", [((3,), (3,))], complex=True)
    ),
    *cases("np.vecmat(x, y)", [((3,), (3, 2))], complex=True),
    *cases("x @ x", [((2, 2),)]),
    *cases("np.dot(x, x)", [((3,),), ((2, 2),)]),
    *cases("np.outer(x, x)", [((3,),)]),
    *(
        case
        for subscripts, shapes in EINSUMS.items()
        for case in cases(f"np.einsum({{s}}, {', '.join('xyz'[: len(shapes[0])])})", shapes, s=[subscripts])
    ),
    *cases(
        "np.einsum('ij,jk,kl->il', x, y, z, optimize={o})", [((2, 3), (3, 2), (2, 3))], o=[True, "greedy", "optimal"]
    ),
    *cases("np.einsum('ij,ij->i', x, y, optimize={o})", [((2, 3), (2, 3))], o=FLAGS),
    *cases("np.einsum('ij,jk', x, x)", [((2, 2),)]),
    *cases("np.einsum('ij,kj->ik', x, x)", [((2, 3),)]),
    *cases("np.einsum('i,i,i->', x, x, x)", [((3,),)]),
    *cases("np.einsum(x, [0, 1], y, [1, 2], [0, 2])", [((2, 3), (3, 2))]),
    *cases("np.einsum(x, [0, 1], y, [1, 2])", [((2, 3), (3, 2))]),
    *cases("np.einsum(x, [..., 0], y, [..., 0])", [((2, 3), (3,))]),
    *cases("np.einsum(x, [1, 1], [1])", [((3, 3),)]),
    *cases("np.einsum('ij,jk->ik', x, y, dtype=np.float64)", [((2, 3), (3, 2))]),
    *cases("np.einsum('ij,jk->ik', x, y)", [((2, 3), (3, 2))], complex=True),
    # along one axis
    *(
        case
        for f in ("convolve", "correlate")
        for case in cases(
            f"np.{f}(x, y, mode={{mode}})",
            [((5,), (3,)), ((2,), (5,)), ((3,), (3,)), ((1,), (4,))],
            mode=["full", "same", "valid"],
        )
    ),
    *(case for f in ("convolve", "correlate") for case in cases(f"np.{f}(x, y)", [((4,), (2,)), ((3,), (1,))])),
    *(case for f in ("convolve", "correlate") for case in cases(f"np.{f}(x, y, 'same')", [((4,), (3,))], complex=True)),
    *cases("np.convolve(x, x)", [((3,),)]),
    *cases(
        "np.interp(x, [-1.5, -0.4, 0.3, 1.1], y).astype(x.dtype)",
        [((5,), (4,)), ((2, 3), (4,)), ((), (4,))],
        distinct=True,
    ),
    *cases(
        "np.interp(x, [-1.5, -0.4, 0.3, 1.1], y, {l}, {r}).astype(x.dtype)",
        [((6,), (4,))],
        l=[None, 0.5],
        r=[None, -1.0],
        distinct=True,
    ),
    *cases(
        "np.interp(x, [0.1, 0.5, 0.9], y, period={p}).astype(x.dtype)", [((5,), (3,))], p=[1.3, -2.0], distinct=True
    ),
    *cases("np.interp(0.37, np.sort(x), y).astype(x.dtype)", [((4,), (4,))], distinct=True),
    *cases("np.interp(x, [0.0, 0.5], [1.0, 2.0], y, z).astype(x.dtype)", [((5,), (), ())], distinct=True),
    *cases("np.polyval(x, y)", [((3,), (2,)), ((3,), (2, 2)), ((2,), ()), ((1,), (2,))]),
    *(case for f in ("polyadd", "polysub", "polymul") for case in cases(f"np.{f}(x, y)", [((3,), (3,)), ((2,), (4,))])),
    *cases("np.polyder(x, {m}).astype(x.dtype)", [((4,),)], m=[0, 1, 2, 5]),
    *cases("np.polyint(x, {m}, k={k}).astype(x.dtype)", [((3,),)], m=[0, 1, 2], k=[None, 2.0]),
    *cases("np.roots(np.concatenate([x, [-30.0], [2.0]]))", [((1,),)], interval=(1, 2)),
    *cases(
        "np.roots(np.concatenate([[0.0], np.poly(np.sort(x)), [0.0, 0.0]]))",
        [((2,),), ((3,),)],
        interval=(1, 4),
        distinct=True,
    ),
    *cases("np.poly(x).astype(x.dtype)", [((3,),), ((1,),)]),
]
