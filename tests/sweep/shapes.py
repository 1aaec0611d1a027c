"""Functions that change the shape, join, split, repeat, pad, insert and fill."""

from sweep.case import cases

VECTOR, MATRIX, CUBE = [((3,),)], [((2, 3),)], [((2, 3, 2),)]
SHAPES = [((),), ((1,),), ((3,),), ((2, 3),), ((0, 3),), ((2, 1, 3),)]
SAME = [((2, 3), (2, 3)), ((1, 3), (2, 3))]
FLAGS = [False, True]


def each(functions, call, shapes, **choices):
    return [case for f in functions for case in cases(call.replace("#", f), shapes, **choices)]


CASES = [
    *cases("np.reshape(x, {shape}, order={o})", [((2, 3, 2),)], shape=[(4, 3), (-1, 2), 12, (2, -1)], o=["C", "F"]),
    *cases("np.reshape(x, (3, 0))", [((0, 3),)]),
    *cases("np.reshape(x, (3, 2), copy={copy})", MATRIX, copy=[None, True]),
    *cases("np.ravel(x, order={o})", SHAPES, o=["C", "F"]),
    *cases("np.transpose(x)", SHAPES),
    *cases("np.transpose(x, {axes})", CUBE, axes=[(1, 0, 2), (2, 0, 1), (-1, 0, -2), [2, 1, 0]]),
    *cases("np.permute_dims(x, (2, 0, 1))", CUBE),
    *cases("np.matrix_transpose(x)", [((2, 3),), ((2, 3, 2),)]),
    *cases("np.swapaxes(x, {a}, {b})", CUBE, a=[0, -1], b=[1, -3]),
    *cases("np.moveaxis(x, {a}, {b})", CUBE, a=[0, -1], b=[1, -1]),
    *cases("np.moveaxis(x, (0, 1), (-1, 0))", CUBE),
    *cases("np.rollaxis(x, {a}, {b})", CUBE, a=[0, 2, -1], b=[0, 1, 3]),
    *cases("np.expand_dims(x, {axis})", MATRIX, axis=[0, -1, (0, 2), (1, -1)]),
    *cases("np.squeeze(x, {axis})", [((1, 3, 1),)], axis=[None, 0, -1, (0, 2)]),
    *cases("np.broadcast_to(x, {shape})", [((3,),), ((1, 3),), ((),)], shape=[(2, 3), (0, 3), (2, 1, 3)]),
    *cases("np.broadcast_arrays(x, y)", [((3,), (2, 1)), ((), (3,)), ((1, 3), (0, 3))]),
    *each(["atleast_1d", "atleast_2d", "atleast_3d"], "np.#(x)", SHAPES),
    *each(["atleast_1d", "atleast_2d", "atleast_3d"], "np.#(x, y, 2.0)", [((), (2, 3))]),
    *cases("np.copy(x)", SHAPES),
    *cases("np.astype(x, np.float64)", SHAPES),
    # joining
    *cases("np.concatenate([x, y, x], axis={axis})", SAME[:1], axis=[0, 1, -1, None]),
    *cases("np.concatenate([x, y])", [((2,), (3,)), ((0, 3), (2, 3)), ((2, 1), (1, 1))]),
    *cases("np.concatenate([x, y], dtype=np.float64)", SAME),
    *cases("np.stack([x, y, x], axis={axis})", [((2, 3), (2, 3)), ((3,), (3,))], axis=[0, 1, -1]),
    *cases("np.stack([x, y])", [((), ()), ((0, 2), (0, 2))]),
    *cases("np.stack([x, y], dtype=np.float64)", SAME[:1]),
    *each(
        ["vstack", "hstack", "dstack", "column_stack"],
        "np.#([x, y])",
        [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3, 1), (2, 3, 1))],
    ),
    *each(["vstack", "hstack", "dstack"], "np.#([x, y])", [((), ())]),
    *each(["vstack", "hstack"], "np.#([x, y], dtype=np.float64)", SAME[:1]),
    *cases("np.vstack([x, y])", [((3,), (2, 3))]),
    *cases("np.column_stack([x, y])", [((2,), (2, 3))]),
    *cases("np.append(x, y, axis={axis})", [((2, 3), (2, 3))], axis=[None, 0, -1]),
    *cases("np.append(x, y)", [((3,), (2, 1)), ((3,), ())]),
    *cases("np.block([[x, y], [y, x]])", [((2, 2), (2, 2)), ((2, 3), (2, 3)), ((2,), (2,)), ((), ())]),
    *cases("np.block([x, 2.0, y]).astype(x.dtype)", [((3,), (2,)), ((), (2,))]),
    *cases("np.block([[[x], [y]], [[y], [x]]])", [((2, 2, 1), (2, 2, 1))]),
    *cases("np.meshgrid(x, y, indexing={i}, sparse={s})", [((3,), (2,)), ((1,), ())], i=["xy", "ij"], s=FLAGS),
    # splitting
    *cases("np.split(x, {s}, axis={axis})", [((4, 2),)], s=[2, [1]], axis=[0, 1, -1]),
    *cases("np.array_split(x, {s}, axis={axis})", [((4, 3),)], s=[3, [1, 3], [2, 9]], axis=[0, -1]),
    *cases("np.hsplit(x, {s})", [((4,),), ((2, 4),)], s=[2, [1, 3]]),
    *cases("np.vsplit(x, {s})", [((4, 2),)], s=[2, [1, 3]]),
    *cases("np.dsplit(x, {s})", [((1, 2, 4),)], s=[2, [1]]),
    *cases("np.unstack(x, axis={axis})", MATRIX, axis=[0, -1]),
    # repeating and moving
    *cases("np.tile(x, {reps})", [((2, 3),), ((3,),), ((),)], reps=[2, (2, 1), (2, 1, 2), 0]),
    *cases("np.repeat(x, {n}, axis={axis})", MATRIX, n=[2, [0, 1, 2]], axis=[-1, 1]),
    *cases("np.repeat(x, {n}, axis={axis})", [((3, 3),)], n=[2, [2, 0, 1]], axis=[0, -2]),
    *cases("np.repeat(x, 3)", SHAPES),
    *cases("np.roll(x, {shift}, axis={axis})", MATRIX, shift=[1, -4], axis=[None, 0, -1]),
    *cases("np.roll(x, (1, -2), axis={axis})", MATRIX, axis=[(0, 1), (1, 1)]),
    *cases("np.flip(x, axis={axis})", MATRIX, axis=[None, 0, -1, (0, 1)]),
    *cases("np.flip(x)", SHAPES),
    *each(["fliplr", "flipud"], "np.#(x)", [((2, 3),), ((2, 3, 2),)]),
    *cases("np.rot90(x, {k})", MATRIX, k=[0, 1, 2, 3, -1]),
    *cases("np.rot90(x, axes=(1, 2))", CUBE),
    *cases("np.resize(x, {shape})", [((2, 3),), ((),)], shape=[(4, 2), 5, (2, 1)]),
    # padding
    *cases("np.pad(x, {w})", [((2, 3),)], w=[1, (2, 1), ((1, 0), (0, 2)), 0, {0: 1}, {-1: (0, 2)}]),
    *cases("np.pad(x, 1, constant_values={v})", [((2, 3),), ((3,),)], v=[1.5, (1.0, 2.0)]),
    *cases("np.pad(x, ((1, 2), (0, 1)), constant_values=y)", [((2, 3), ()), ((2, 3), (2,)), ((2, 3), (2, 2))]),
    *cases("np.pad(x, 1)", [((0,),), ((0, 2),), ((1,),)]),
    *cases(
        "np.pad(x, {w}, {mode})",
        [((2, 3),)],
        w=[1, ((0, 2), (5, 1))],
        mode=["edge", "wrap", "reflect", "symmetric", "mean", "linear_ramp"],
    ),
    *cases(
        "np.pad(x, {w}, {mode}, reflect_type='odd')",
        [((2, 3),), ((1, 4),)],
        w=[1, ((0, 2), (9, 4))],
        mode=["reflect", "symmetric"],
    ),
    *cases(
        "np.pad(x, {w}, {mode})",
        [((3, 4),)],
        w=[2, ((0, 2), (5, 1))],
        mode=["maximum", "minimum", "median"],
        distinct=True,
    ),
    *cases(
        "np.pad(x, 2, {mode}, stat_length={n})",
        [((3, 4),)],
        mode=["maximum", "mean", "median"],
        n=[2, ((1, 2),), 9],
        distinct=True,
    ),
    *cases("np.pad(x, (3, 2), 'linear_ramp', end_values={v})", [((2, 3),)], v=[1.5, (1.0, 2.0)]),
    *cases("np.pad(x, 2, 'linear_ramp', end_values=y)", [((3,), ()), ((2, 3), (2,))]),
    # triangles and diagonals
    *each(["tril", "triu"], "np.#(x, {k})", [((3, 3),), ((2, 3),), ((2, 3, 2),)], k=[0, 1, -1]),
    *each(["tril", "triu"], "np.#(x)", [((3,),), ((0, 3),)]),
    *cases("np.diag(x, {k})", [((3,),), ((3, 3),), ((2, 3),)], k=[0, 1, -1]),
    *cases("np.diagflat(x, {k})", [((2,),), ((2, 2),)], k=[0, 1]),
    *cases("np.diagonal(x, {k})", [((3, 3),), ((2, 3),)], k=[0, 1, -1]),
    *cases("np.diagonal(x, axis1={a}, axis2={b})", CUBE, a=[0, 1], b=[2, -1]),
    *cases("np.lib.stride_tricks.sliding_window_view(x, {w})", [((5,),), ((4,),)], w=[1, 3]),
    *cases("np.lib.stride_tricks.sliding_window_view(x, {w}, axis={a})", CUBE, w=[1, 2], a=[1, -1]),
    *cases("np.trace(x, {k})", [((3, 3),), ((2, 3),), ((3, 3, 2),)], k=[0, 1, -1]),
    *cases("np.trace(x, axis1=1, axis2=-1, dtype=np.float64)", CUBE),
    # inserting and deleting
    *cases("np.insert(x, {i}, y, axis=0)", [((3,), ()), ((2, 3), (3,))], i=[1, -1, 2]),
    *cases("np.insert(x, {i}, y, axis=1)", [((2, 3), (2, 2)), ((2, 3), (2, 1)), ((2, 3), ())], i=[[0, 2], [1, 1]]),
    *cases("np.insert(x, slice(0, 2), y)", [((3,), (2,)), ((2, 2), ())]),
    *cases("np.delete(x, {i}, axis={axis})", [((3, 4),)], i=[1, [0, -1]], axis=[None, 0, -1]),
    *cases("np.delete(x, slice(None, None, 2), axis=1)", [((3, 4),)]),
    # filling, sampling and slice by slice
    *cases("np.full_like(y, x)", [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3))]),
    *cases("np.full_like(x, 2.5, shape={s}, dtype=np.float64)", MATRIX, s=[None, (2,)], order=0),
    *each(["zeros_like", "ones_like"], "np.#(x)", SHAPES, order=0),
    *cases(
        "np.linspace(x, y, {n}, endpoint={e}, axis={axis})",
        [((), ()), ((2,), ()), ((3,), (2, 1))],
        n=[1, 4],
        e=FLAGS,
        axis=[0, -1],
    ),
    *cases("np.linspace(x, 3.0, 5, retstep=True)", [((),), ((2,),)]),
    *cases("np.logspace(x, y, 4, base={b})", [((), ()), ((2,), ())], b=[10.0, 2.0]),
    *cases("np.logspace(x, 1.0, 3, base=y)", [((2,), (2,))], interval=(0.5, 2)),
    *cases(
        "np.geomspace(x, y, 4, axis={axis}).astype(x.dtype)", [((), ()), ((2,), ())], axis=[0, -1], interval=(0.5, 2)
    ),
    *cases("np.vander(x, {n}, increasing={i}).astype(x.dtype)", VECTOR, n=[None, 2, 5], i=FLAGS),
    *cases("np.apply_along_axis(lambda row: row[::2] * np.sum(row), {axis}, x)", MATRIX, axis=[0, 1, -1]),
    *cases("np.apply_along_axis(np.sum, 1, x)", MATRIX),
    *cases("np.apply_along_axis(lambda row: np.outer(row, row), 1, x)", CUBE),
    *cases("np.apply_over_axes(np.sum, x, {axes})", CUBE, axes=[0, [0, 2]]),
]
