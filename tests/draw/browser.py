"""Pages to try, and a real browser to try them in."""

import shutil
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest

from autograd_nn.draw.page import page


@contextmanager
def chromium(profile):
    """A headless Chromium with a profile of its own; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="the page is tried with selenium, which is not here")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip("the page is tried in Chromium, which is not here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-dev-shm-usage",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "force-prefers-reduced-motion",  # things are where they are going at once
        "hide-scrollbars",
        "window-size=1280,960",
        f"user-data-dir={profile}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(executable_path=driver))
    try:
        yield browser
    finally:
        browser.quit()


def moons(frames=1, title="moons.loss", name="hidden"):
    """A network of one hidden layer, its loss, and invented numbers for all of its values."""
    return sketch(
        title,
        {"s0": ("layers[0]", None, False), "s1": ("layers[1]", None, False)},
        [
            ("input", "X", (200, 2), [], None),
            ("parameter", "W1", (2, 8), [], "s0"),
            ("parameter", "b1", (8,), [], "s0"),
            ("operation", "matmul", (200, 8), [0, 1], "s0"),
            ("operation", "add", (200, 8), [3, 2], "s0"),
            ("operation", "tanh", (200, 8), [4], "s0", name),
            ("parameter", "W2", (8, 1), [], "s1"),
            ("parameter", "b2", (1,), [], "s1"),
            ("operation", "matmul", (200, 1), [5, 6], "s1"),
            ("operation", "add", (200, 1), [8, 7], "s1", "logits"),
            ("constant", "labels", (200, 1), [], None),
            ("operation", "multiply", (200, 1), [9, 10], None),
            ("operation", "softplus", (200, 1), [11], None),
            ("operation", "mean", (), [12], None, "loss"),
        ],
        frames,
    )


def transformer(blocks=12, folded=False):
    """Blocks with residual edges in a chain, all in one scope: 11 nodes a block."""
    scopes = {"s0": (f"blocks x {blocks}", None, folded)}
    nodes = [("input", "tokens", (32, 64), [], None)]
    stream = 0
    for block in range(blocks):
        outer, attention, mlp = (f"s{3 * block + i}" for i in (1, 2, 3))
        scopes |= {
            outer: (f"blocks[{block}]", "s0", False),
            attention: ("attention", outer, False),
            mlp: ("mlp", outer, False),
        }
        at = len(nodes)
        nodes += [
            ("operation", "layer_norm", (32, 64), [stream], outer),
            ("parameter", "QKV", (64, 192), [], attention),
            ("operation", "matmul", (32, 192), [at, at + 1], attention),
            ("operation", "softmax", (32, 32), [at + 2], attention),
            ("operation", "matmul", (32, 64), [at + 3, at + 2], attention),
            ("operation", "add", (32, 64), [stream, at + 4], outer),
            ("operation", "layer_norm", (32, 64), [at + 5], outer),
            ("parameter", "W", (64, 256), [], mlp),
            ("operation", "matmul", (32, 256), [at + 6, at + 7], mlp),
            ("operation", "gelu", (32, 64), [at + 8], mlp),
            ("operation", "add", (32, 64), [at + 5, at + 9], outer),
        ]
        stream = at + 10
    nodes.append(("operation", "mean", (), [stream], None, "loss"))
    return sketch("transformer.loss", scopes, nodes, 1)


def sketch(title, scopes, nodes, frames):
    """What a page is made of, from short descriptions of scopes and nodes; it has to make its layouts itself."""
    entries, edges = [], []
    for i, (kind, label, shape, parents, scope, *name) in enumerate(nodes):
        name = name[0] if name else None
        called = f"{label}({', '.join(f'n{p}' for p in parents)})" if parents else kind
        operation = kind == "operation"
        called_so = f"{name} = {label}" if operation and name else label
        entries.append(
            {
                "id": f"n{i}",
                "kind": kind,
                "label": label,
                "name": name if operation else label,
                "shape": shape,
                "dtype": "float64",
                "scope": scope,
                "line": f"moons.py:{20 + i}: h = {called}",
                "lines": [called_so, f"({', '.join(map(str, shape))})", "\N{NO-BREAK SPACE}"],
                "text": f"n{i}: float64{list(shape)} = {called}",
                "made": called if operation else None,
                "keeps": [{"what": "a", "bytes": 8 * int(np.prod(shape))}] if parents and label != "add" else [],
                "in_place": False,
                "seconds": 2e-6 * (i + 1) if operation else None,
                "pull_seconds": 3e-6 * (i + 1) if operation else None,
                "flops": 2 * int(np.prod(shape)) if operation else None,
            }
        )
        for argument, parent in zip("ab", parents, strict=False):
            broadcast = kind == "operation" and nodes[parent][2] != shape and label == "add"
            edges.append(
                {
                    "id": f"e{len(edges)}",
                    "parent": f"n{parent}",
                    "child": f"n{i}",
                    "argument": argument,
                    "broadcast": broadcast,
                }
            )
    data = {
        "title": title,
        "nodes": entries,
        "edges": edges,
        "scopes": [
            {"id": id, "name": name, "parent": parent, "folded": folded}
            for id, (name, parent, folded) in scopes.items()
        ],
        "totals": {**Counter(node["kind"] for node in entries), "nodes": len(entries), "hidden": 0},
        "forward": [node["id"] for node in entries],
        "backward": [node["id"] for node in reversed(entries) if node["kind"] in ("operation", "parameter")],
        "findings": [],
        "frames": [frame(entries, edges, at, frames) for at in range(frames)],
    }
    return [], data


def frame(nodes, edges, at, frames):
    """Values that saturate and gradients that vanish while training goes on."""
    random = np.random.default_rng(at)
    progress = at / max(frames - 1, 1)
    values, gradients = {}, {}
    for i, node in enumerate(nodes):
        value = random.normal(0.2, 1 + 2 * progress, node["shape"])
        value = np.tanh(2 * value) if node["label"] == "tanh" else value
        values[node["id"]] = statistics(value)
        if node["label"] == "tanh":
            values[node["id"]]["saturated"] = 0.1 + 0.54 * progress
        if node["kind"] not in ("constant", "input"):
            gradients[node["id"]] = statistics(
                random.normal(0, 10.0 ** (-(len(nodes) - i) * (1 / 3 + progress)), node["shape"])
            )
    carry = [edge for edge in edges if {edge["parent"], edge["child"]} <= gradients.keys()]
    return {"time": 50 * at, "loss": 0.9**at, "values": values, "gradients": gradients, "flows": flows(carry)}


def flows(edges):
    """What each edge carries in the backward pass: of several to a node the last completes its gradient."""
    found, arrived = {}, Counter()
    for edge in sorted(edges, key=lambda edge: -int(edge["child"][1:])):
        arrived[edge["parent"]] += 1
        last = arrived[edge["parent"]] == sum(other["parent"] == edge["parent"] for other in edges)
        half = statistics(np.linspace(-1.0, 1.0, 20))
        several = {"number": arrived[edge["parent"]], "contribution": half} | ({} if last else {"total": half})
        found[edge["id"]] = {} if last and arrived[edge["parent"]] == 1 else several
    return found


def statistics(value):
    counts, _ = np.histogram(value, bins=20)
    return {
        "text": f"{value:.4g}"
        if value.ndim == 0
        else ", ".join(f"{v:.3g}" for v in value.flat)
        if value.size <= 8
        else None,
        "min": float(value.min()),
        "mean": float(value.mean()),
        "max": float(value.max()),
        "rms": float(np.sqrt(np.mean(np.square(value)))),
        "nan": 0,
        "inf": 0,
        "zeros": float(np.mean(value == 0)),
        "counts": counts.tolist(),
        "saturated": None,
        "dead": None,
    }


def written(folder, layouts, data):
    """The address of the page, as a file."""
    path = folder / "page.html"
    path.write_text(page(layouts, data), encoding="utf-8")
    return path.as_uri()
