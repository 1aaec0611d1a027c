"""The functions of `autograd_nn.functional`: activations, losses, convolution, pooling, layers."""

from sweep.case import cases

SHAPES = [((),), ((1,),), ((3,),), ((2, 3),), ((0, 3),), ((2, 1, 2),)]
AWAY = {"interval": (-3, 3), "distinct": True}

CASES = [
    # activations
    *cases("F.log_sigmoid(x)", SHAPES, reference="-np.log1p(np.exp(-x))"),
    *cases("F.softplus(x)", SHAPES, reference="np.log1p(np.exp(x))"),
    *cases("F.silu(x)", SHAPES, reference="x / (1 + np.exp(-x))"),
    *cases("F.mish(x)", SHAPES, reference="x * np.tanh(np.log1p(np.exp(x)))"),
    *cases("F.gelu(x)", SHAPES, reference="x * scipy.special.ndtr(x)"),
    *cases(
        "F.gelu(x, approximate='tanh')",
        SHAPES,
        reference="x / 2 * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))",
    ),
    *cases("F.relu(x)", SHAPES, **AWAY, reference="np.where(x > 0, x, 0)"),
    *cases("F.leaky_relu(x)", SHAPES, **AWAY, reference="np.where(x > 0, x, 0.01 * x)"),
    *cases(
        "F.leaky_relu(x, negative_slope={s})",
        SHAPES[:4],
        **AWAY,
        s=[0.2, 0, -0.5],
        reference="np.where(x > 0, x, {s} * x)",
    ),
    *cases("F.elu(x)", SHAPES, **AWAY, reference="np.where(x > 0, x, np.exp(x) - 1)"),
    *cases(
        "F.elu(x, alpha={a})", SHAPES[:4], **AWAY, a=[0.5, 2], reference="np.where(x > 0, x, {a} * (np.exp(x) - 1))"
    ),
    *cases(
        "F.selu(x)",
        SHAPES,
        **AWAY,
        reference="1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1))",
    ),
    *cases("F.softsign(x)", SHAPES, **AWAY, reference="x / (1 + np.abs(x))"),
    *cases("F.hard_tanh(x)", [((2, 3),), ((5,),)], interval=(-4, 4), distinct=True, reference="np.clip(x, -1, 1)"),
    *cases("F.hard_tanh(x, min_val=-2.0, max_val=0.1)", [((4,),)], **AWAY, reference="np.clip(x, -2, 0.1)"),
    # losses
    *cases("F.cross_entropy(x, [1, 0], reduction={r})", [((2, 3),)], r=["mean", "sum", "none"]),
    *cases(
        "F.cross_entropy(x, [1, 0])", [((2, 3),)], reference="-scipy.special.log_softmax(x, -1)[[0, 1], [1, 0]].mean()"
    ),
    *cases("F.cross_entropy(x, 2)", [((3,),)], reference="-scipy.special.log_softmax(x)[2]"),
    *cases("F.cross_entropy(x, [[1, 0], [2, 1]], axis=1, reduction='none')", [((2, 3, 2),)]),
    *cases(
        "F.cross_entropy(x, [1, 0, 2], label_smoothing={s}, ignore_index={i}, weight=np.array([1, 2, 3], x.dtype))",
        [((3, 3),)],
        s=[0.0, 0.2],
        i=[None, 0],
    ),
    *cases("F.cross_entropy(x, np.zeros(0, int), reduction='sum')", [((0, 3),)]),
    *cases(
        "F.cross_entropy(x, F.softmax(y), label_smoothing={s}, reduction={r})",
        [((2, 3), (2, 3))],
        s=[0.0, 0.2],
        r=["mean", "none"],
    ),
    *cases("F.cross_entropy(x, [1, 0], weight=y)", [((2, 3), (3,))], interval=((-2, 2), (0.5, 2))),
    *cases(
        "F.binary_cross_entropy(x, y, reduction={r})",
        [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), ())],
        interval=((-2, 2), (0.1, 0.9)),
        r=["mean", "none"],
    ),
    *cases(
        "F.binary_cross_entropy(x, y, reduction='none')",
        [((4, 3), (3,)), ((0, 3), (3,))],
        interval=((-2, 2), (0.1, 0.9)),
        reference="y * np.log1p(np.exp(-x)) + (1 - y) * np.log1p(np.exp(x))",
    ),
    *cases(
        "F.binary_cross_entropy(x, y, weight=z, pos_weight=z + 1, reduction='sum')",
        [((2, 3), (2, 3), (3,))],
        interval=((-2, 2), (0.1, 0.9), (0.5, 2)),
    ),
    # convolution
    *cases("F.conv1d(x, y)", [((2, 5), (3, 2, 2)), ((2, 2, 5), (1, 2, 3)), ((0, 2, 3), (1, 2, 1))]),
    *cases(
        "F.conv1d(x, y, stride={s}, padding={p}, dilation={d}, groups={g})",
        [((1, 2, 5), (2, 2, 2))],
        s=[1, 3],
        p=[0, 2],
        d=[1, 2],
        g=[1],
    ),
    *cases("F.conv1d(x, y, z, padding={p}, groups=2)", [((2, 4), (2, 1, 2), (2,))], p=["same", "valid", (1,)]),
    *cases(
        "F.conv1d(x[None], y[None, None])[0]", [((5,), (2,))], reference="scipy.signal.correlate(x, y, mode='valid')"
    ),
    *cases(
        "F.conv2d(x[None], y[None, None])[0]",
        [((4, 3), (2, 2))],
        reference="scipy.signal.correlate(x, y, mode='valid')",
    ),
    *cases(
        "F.conv2d(x, y, stride={s}, padding={p}, dilation={d})",
        [((1, 2, 4, 3), (2, 2, 2, 2))],
        s=[1, (2, 1), (3, 2)],
        p=[1, (0, 2)],
        d=[1, (1, 2)],
    ),
    *cases("F.conv2d(x, y, z, padding='same', groups=2)", [((2, 3, 3), (4, 1, 2, 3), (4,))]),
    *cases("F.conv_transpose1d(x, y)", [((2, 3), (2, 1, 2)), ((2, 2, 3), (2, 3, 1)), ((0, 1, 2), (1, 1, 2))]),
    *cases("F.conv_transpose1d(x[None], y[None, None])[0]", [((3,), (2,))], reference="np.convolve(x, y)"),
    *cases(
        "F.conv_transpose2d(x[None], y[None, None])[0]", [((3, 2), (2, 2))], reference="scipy.signal.convolve(x, y)"
    ),
    *cases(
        "F.conv_transpose2d(x, y, z, stride={s}, padding={p}, output_padding={o}, groups=2, dilation={d})",
        [((1, 2, 3, 2), (2, 1, 2, 2), (2,))],
        s=[2, (2, 3)],
        p=[0, 1],
        o=[0, 1],
        d=[1, (1, 2)],
    ),
    *cases("F.conv2d(x, y, z, stride=(2, 1), padding=1, groups=2)", [((1, 4, 3, 3), (2, 2, 2, 2), (2,))], complex=True),
    *cases(
        "F.conv_transpose1d(x[None], y[None, None])[0]", [((3,), (2,))], complex=True, reference="np.convolve(x, y)"
    ),
    # pooling
    *cases("F.avg_pool1d(x, 2)", [((1, 4),)], complex=True, reference="(x[:, 0:4:2] + x[:, 1:4:2]) / 2"),
    *cases("F.adaptive_avg_pool1d(x, 3)", [((1, 5),)], complex=True),
    *cases("F.max_pool1d(x, {k}, stride={s}, padding=1)", [((1, 5),), ((2, 1, 4),)], **AWAY, k=[2, 3], s=[None, 1]),
    *cases(
        "F.max_pool2d(x, 2)", [((1, 4, 3),)], **AWAY, reference="x[:, :, :2].reshape(1, 2, 2, 2).max((2, 3))[..., None]"
    ),
    *cases(
        "F.max_pool2d(x, {k}, stride={s}, padding={p}, dilation={d})",
        [((1, 1, 5, 4),)],
        **AWAY,
        k=[2, (3, 2)],
        s=[None, (1, 2)],
        p=[0, 1],
        d=[1, (1, 2)],
    ),
    *cases("F.avg_pool1d(x, 2)", [((1, 4),), ((2, 1, 5),)], reference="(x[..., 0:4:2] + x[..., 1:4:2]) / 2"),
    *cases(
        "F.avg_pool2d(x, {k}, stride={s}, padding=1, count_include_pad={c})",
        [((2, 1, 4, 3),), ((1, 3, 3),)],
        k=[2, (3, 2)],
        s=[None, 1],
        c=[True, False],
    ),
    *cases("F.adaptive_avg_pool2d(x, {n})", [((1, 2, 5, 3),), ((1, 3, 2),)], n=[1, 2, (3, 4)]),
    *cases("F.adaptive_max_pool2d(x, {n})", [((1, 2, 5, 3),), ((1, 3, 2),)], **AWAY, n=[1, 2, (3, 4)]),
    *cases("F.adaptive_avg_pool1d(x, 1)", [((2, 5),)], reference="x.mean(-1, keepdims=True)"),
    *cases("F.adaptive_avg_pool1d(x, 3)", [((1, 2, 5),)]),
    *cases("F.adaptive_max_pool1d(x, 2)", [((1, 2, 5),)], **AWAY),
    # layers
    *cases(
        "F.batch_norm(x, training=True)[0]",
        [((4, 2),), ((2, 3, 2),), ((2, 1, 2, 2),)],
        reference="(lambda a: (x - x.mean(**a)) / np.sqrt(x.var(**a) + 1e-5))"
        "(dict(axis=(0, *range(2, x.ndim)), keepdims=True))",
    ),
    *cases(
        "F.batch_norm(x, weight=y, bias=z, training=True, eps=0.1)[0]", [((4, 2), (2,), (2,)), ((2, 3, 2), (3,), (3,))]
    ),
    *cases(
        "F.batch_norm(x, np.zeros(2, x.dtype), np.full(2, 4, x.dtype), y, z, eps=0.0)[0]",
        [((3, 2), (2,), (2,)), ((0, 2, 2), (2,), (2,))],
        reference="x / 2 * y.reshape(2, *[1] * (x.ndim - 2)) + z.reshape(2, *[1] * (x.ndim - 2))",
    ),
    *cases(
        "F.layer_norm(x, x.shape[-1])",
        [((2, 3),), ((3,),), ((0, 3),), ((2, 1, 4),)],
        reference="(x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)",
    ),
    *cases("F.layer_norm(x, y.shape, y, z, eps=0.1)", [((2, 2, 3), (2, 3), (2, 3)), ((2, 3), (3,), (3,))]),
    *cases("F.rms_norm(x, 3)", [((2, 3),), ((0, 3),)], reference="x / np.sqrt((x**2).mean(-1, keepdims=True))"),
    *cases("F.rms_norm(x, y.shape, y, eps=0.1)", [((2, 2, 3), (2, 3)), ((3,), (3,))]),
    *cases("F.group_norm(x, {n}, y, z)", [((2, 4, 2), (4,), (4,)), ((1, 4, 2, 2), (4,), (4,))], n=[1, 2]),
    *cases("F.group_norm(x, 2)", [((2, 6),), ((0, 4, 2),)]),
    *cases("F.instance_norm(x, y, z)", [((2, 2, 3), (2,), (2,)), ((1, 2, 2, 2), (2,), (2,))]),
    *cases("F.dropout(x, {p}, rng=7)", SHAPES, p=[0, 0.3, 1]),
    *cases("F.dropout(x, 0.3, rng=7)", [((2, 3),)], complex=True),
    *cases(
        "F.embedding({i}, x)", [((3, 2),), ((3,),), ((4, 0),)], i=[0, [2, 0, 2], [[1, 1], [0, 2]]], reference="x[{i}]"
    ),
    *cases(
        "F.scaled_dot_product_attention(x, y, z)",
        [((2, 3), (4, 3), (4, 2)), ((2, 1, 2, 3), (2, 1, 3), (1, 3)), ((0, 2), (3, 2), (3, 1))],
        reference="scipy.special.softmax(x @ y.mT / x.shape[-1] ** 0.5, -1) @ z",
    ),
    *cases(
        "F.scaled_dot_product_attention(x, y, z, is_causal={c}, scale={s}, mask=np.array({m}))",
        [((2, 3), (3, 3), (3, 2))],
        c=[False, True],
        s=[None, 0.3],
        m=[[[True, False, True], [True, True, False]], [[True, True, True], [False, False, False]], True],
    ),
    *cases("F.scaled_dot_product_attention(x, x + 1, x - 1, mask=y)", [((2, 2), (2, 2)), ((2, 2, 2), (2,))]),
]
