"""What each tutorial tells: its network in words and formulas, its training, its numbers beside the published ones.

A tutorial is imported when its story is told, so that each needs only its own packages.
"""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from math import isfinite
from pathlib import Path

import numpy as np

from autograd_nn import Tensor
from autograd_nn.engine.errors import InputError
from autograd_nn.tutorials.network import leaves
from autograd_nn.tutorials.pictures import STYLES
from autograd_nn.tutorials.terminal import Page

__all__ = ["HEART_LOSSES", "tell_heart", "tell_moons", "tell_neuron"]

WRITTEN_DOWN = "This is all that is written down: loss.backward() finds the gradient of every weight."


def converged(loss: float) -> None:
    """Refuse to go on with a network whose training diverged."""
    if not isfinite(loss):
        raise InputError(f"the training diverged, the loss is {loss}: try a smaller --learning-rate")


def network(layers: int, activation: str) -> str:
    """The formula of a network: 'tanh(X @ W1 + b1) @ W2 + b2'."""
    text = "X @ W1 + b1"
    for k in range(2, layers):
        text = f"{activation}({text}) @ W{k} + b{k}"
    return text


def tell_moons(args: Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import moons

    if args.layers == 2 and (args.hidden, args.activation) != (3, "tanh"):
        raise InputError("--layers 2 leaves no hidden layer, whose --hidden units and --activation could be set")
    widths = [args.hidden] * (args.layers - 2)
    style = STYLES[args.theme]
    X, y = moons.data(args.classes, args.seed)
    settings = {
        "learning_rate": args.learning_rate,
        "seed": args.seed,
        "batch_size": args.batch_size,
        "anneal": args.anneal,
        "activation": args.activation,
        "classes": args.classes,
    }
    shape = " - ".join(map(str, (2, *widths, args.classes)))
    page.heading(f"{'Three' if args.classes == 3 else 'Two'} moons, and a network of layers {shape}")
    points = f"{len(y)} points lie on interleaved half circles, with noise. No straight line can separate them"
    if widths:
        page.say(f"{points}; a network can bend its boundary around them.")
    else:
        page.say(
            f"{points}, and straight lines are all that this network has: between its input and its output there is no "
            f"hidden layer that could bend them. It is logistic regression by another name."
        )
    penalty = " + ".join(f"(W{k}**2).sum()" for k in range(1, args.layers))
    page.formulas(f"""
        logits = {network(args.layers, args.activation)}
        loss   = -log_softmax(logits)[points, y].sum()
                 + 0.01 / 2 * ({penalty})
    """)
    page.say(WRITTEN_DOWN)
    batch = "all points at once" if args.batch_size is None else f"minibatches of {args.batch_size} points"
    annealed = f" / (1 + {args.anneal:g} * pass)" if args.anneal else ""
    page.say(f"Gradient descent, {args.iterations:,} passes, {batch}, learning rate {args.learning_rate:g}{annealed}:")
    train = partial(moons.train, widths, args.iterations, frames=61, **settings)
    trained = page.trained("pass", args.iterations, train)
    converged(trained.losses[-1][1])

    line = moons.baseline(X, y)
    rows = [
        ("points right, logistic regression", "0.850", f"{np.mean(line.predict(X) == y):.3f}"),
        ("points right, the network", "0.975", f"{trained.train_accuracy:.3f}"),
        ("loss per point after the first pass", "0.432387", f"{trained.losses[0][1]:.6f}"),
        ("loss per point at the end", "0.071316", f"{trained.losses[-1][1]:.6f}"),
    ]
    page.compare(rows, args.as_published)
    if args.as_published and not page.interrupted:
        page.say(
            "The step is a little too long for this valley: the passes end up leaping between its two sides, where the "
            "loss is 0.070758 and 0.071316, and either is right. With --anneal 0.001 they settle between them."
        )
    if not widths:
        page.say(
            "With enough passes both come to nearly the same boundary; what they differ in is how much large weights "
            "are penalised. With a hidden layer (--layers 3) the boundary bends."
        )
    paths = moons.draw_pictures(trained, line, X, y, out, style)
    if args.gallery and not page.interrupted:
        page.say("The gallery: one hidden layer of h units, trained alike.")
        networks: dict[int, moons.Network] = {}
        try:
            for hidden in moons.GALLERY:
                networks[hidden] = moons.train(hidden, args.iterations, **settings)
                page.lines(f"h = {hidden:<3} {networks[hidden].train_accuracy:.3f} of the points right", "    ")
        except KeyboardInterrupt:
            page.interrupted = True
            page.say(f"Interrupted: the gallery has {len(networks)} of {len(moons.GALLERY)} networks.")
        if networks:
            paths.append(moons.draw_gallery(networks, X, y, out, style))
    loss = moons.expression(leaves(trained.parameters), y, args.activation)
    page.written(out, "moons", paths, loss, X, film=trained.film)


def tell_neuron(args: Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import neuron

    page.heading("One neuron")
    page.say(
        "A neuron compares its input with its weights: the dot product says how similar they are, the sigmoid "
        "makes a prediction between 0 and 1 of it, and the squared error says how wrong that is."
    )
    page.formulas("""
        prediction = sigmoid(x @ weights + bias)
        error      = (prediction - target)**2
    """)
    page.say("By hand first. Two vectors of weights, which is more similar to the input? And two inputs to predict:")
    numbers = neuron.worked_numbers()
    labels = {
        "first_similarity": ("[1.72, 1.23] . [1.26, 0]", "2.1672"),
        "second_similarity": ("[1.72, 1.23] . [2.17, 0.32], the nearer one", "4.126"),
        "first_prediction": ("prediction for [1.66, 1.56], target 1", "0.79857310"),
        "second_prediction": ("prediction for [2, 1.5], target 0: wrong", "0.87101915"),
        "error": ("its error", "0.75867436"),
        "derivative": ("slope of the error by the prediction", "1.74203830"),
        "corrected_prediction": ("prediction for [2, 1.5], slope subtracted", "0.01496248"),
        "corrected_error": ("its error", "0.00022388"),
        "first_prediction_then": ("but then for [1.66, 1.56]: now wrong", "0.01431593"),
        "slope_of_error_by_bias": ("chain rule: slope of the error by the bias", "0.00044105"),
    }
    rows = [(*labels[name], f"{number:.{decimals(labels[name][1])}f}") for name, number in numbers.items()]
    page.compare(rows, as_published=True)
    page.say(
        f"So the steps must be small, and learn from every input in turn. {args.iterations:,} steps on eight points, "
        f"learning rate {args.learning_rate:g}:"
    )
    train = partial(neuron.train, args.learning_rate, args.iterations, args.seed)
    trained = page.trained("step", args.iterations, train, "error")
    page.say("What it has learned:")
    predictions = zip(neuron.INPUTS, neuron.TARGETS, trained.predict(neuron.INPUTS), trained.right, strict=True)
    page.table(
        ("input", "target", "prediction", "which is"),
        [(f"{x[0]:g}, {x[1]:g}", f"{t}", f"{p:.3f}", "right" if right else "wrong") for x, t, p, right in predictions],
    )
    page.say(
        "No straight line has more than six of these points right, so the error cannot go to 0, and it rocks with "
        "every point that was learned from last: look at the error curve and at the boundary."
    )
    error = neuron.expression(**leaves({"weights": trained.weights, "bias": trained.bias}))
    inputs = (neuron.INPUTS, Tensor(neuron.TARGETS, name="targets"))
    page.written(out, "neuron", neuron.draw_pictures(trained, out, STYLES[args.theme]), error, *inputs)


def decimals(number: str) -> int:
    """How many decimals were published."""
    return len(number.partition(".")[2])


def tell_heart(args: Namespace, page: Page, out: Path) -> None:
    from autograd_nn.tutorials import heart

    if args.layers == 2 and args.hidden != 8:
        raise InputError("--layers 2 leaves no hidden layer, whose --hidden units could be set")
    layers = (heart.MEASUREMENTS, *[args.hidden] * (args.layers - 2), 1)
    style, data = STYLES[args.theme], args.data or heart.DATA
    patients = heart.split(*heart.load(data))
    shape = " - ".join(map(str, layers))
    page.heading(f"Heart disease, and a network of layers {shape}")
    page.say(
        f"13 measurements of each of {len(patients.y_train) + len(patients.y_test)} patients, and whether they have a "
        f"heart disease. The network learns from {len(patients.y_train)} of them and is tested on the others."
    )
    probability = "p    = sigmoid(z), the probability of disease"
    page.formulas(f"z    = {network(args.layers, 'relu')}\n{probability}\n{HEART_LOSSES[args.loss]}")
    page.say(WRITTEN_DOWN)
    page.say(f"Gradient descent, {args.iterations:,} iterations, learning rate {args.learning_rate:g}:")
    train = partial(heart.train, layers, args.learning_rate, args.iterations, args.seed, data, args.loss)
    trained = page.trained("iteration", args.iterations, train)
    converged(trained.losses[-1])
    baselines = heart.baselines(patients)
    rows = [
        ("mean loss at the beginning", "1.406818", f"{trained.losses[0]:.6f}"),
        ("mean loss at the end", "0.278311", f"{trained.losses[-1]:.6f}"),
        ("training patients right", "188 of 216", right(trained.train_accuracy, len(patients.y_train))),
        ("test patients right", "41 of 54", right(trained.test_accuracy, len(patients.y_test))),
        ("  saying the commoner of the two", "32 of 54", right(baselines["majority"], len(patients.y_test))),
        ("  logistic regression", "41 of 54", right(baselines["logistic regression"], len(patients.y_test))),
    ]
    page.compare(rows, args.as_published)
    paths = heart.draw_pictures(trained, patients, out, style)
    if not page.interrupted:
        longer = heart.train((13, 10, 1), 0.01, 500, args.seed, data, args.loss)
        turn = int(np.argmin(longer.test_losses))
        learned = right(longer.train_accuracy, len(patients.y_train))
        page.say(
            f"More is not better: layers 13 - 10 - 1, learning rate 0.01 and 500 iterations bring the training loss to "
            f"{longer.losses[-1]:.4f}, with {learned} right. But the test loss is least after {turn} iterations "
            f"({longer.test_losses[turn]:.3f}) and {longer.test_losses[-1]:.3f} at the end, with "
            f"{right(longer.test_accuracy, len(patients.y_test))} right: the network has learned its patients by heart."
        )
        runs = {f"{shape}, rate {args.learning_rate:g}": trained, "13 - 10 - 1, rate 0.01": longer}
        paths.append(heart.draw_overfitting(runs, out, style))
    loss = heart.expression(leaves(trained.parameters), patients.y_train, heart.LOSSES[args.loss])
    page.written(out, "heart", paths, loss, patients.X_train)


HEART_LOSSES = {
    "logits": "loss = logsumexp([0, (1 - 2 * y) * z]).sum()",
    "clipped": "loss = -(y * log(max(p, 1e-10)) + (1 - y) * log(max(1 - p, 1e-10))).sum()",
}


def right(accuracy: float, patients: int) -> str:
    """'41 of 54'."""
    return f"{round(accuracy * patients)} of {patients}"
