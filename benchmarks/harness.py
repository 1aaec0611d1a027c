"""Contestants in processes of their own, asked in turn over pipes, and the table of what they answered.

A figure is a module with a dictionary ``CONTESTANTS``: the name of each, and the function that builds its `Step`.
Run as a script, this file is a worker: it builds one contestant and answers each line of JSON with another.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from math import nan
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

PACKAGES = {
    "autograd_nn": "autograd_nn",
    "NumPy": "numpy",
    "PyTorch": "torch",
    "JAX": "jax",
    "HIPS autograd": "autograd",
    "MyGrad": "mygrad",
}

ROOM = 8_000
"""MB that a contestant may take."""

# Libraries read these when they are imported, so they are set before a worker starts. Synchronous dispatch keeps
# JAX from computing in a second thread while the first runs ahead.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NPROC": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
    "JAX_CPU_ENABLE_ASYNC_DISPATCH": "0",
}


class Step(NamedTuple):
    """What a contestant does: phases, run in this order and measured apart, and the result all must agree on."""

    phases: dict[str, Callable[[], Any]]
    result: Callable[[], list[Any]]


class Contestant:
    """A step in a worker process, and what is known of it. One that fails is asked no more: `failure` says why."""

    def __init__(self, figure: str, name: str, **arguments: Any) -> None:
        self.name = name
        self.failure = ""
        self.samples: list[dict[str, float]] = []
        self.process = subprocess.Popen(
            [sys.executable, __file__, figure, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ENVIRONMENT,
            text=True,
        )
        self.ask("build", **arguments)

    def ask(self, request: str, **arguments: Any) -> Any:
        """The worker's answer, or None where it has failed."""
        if self.failure:
            return None
        try:
            print(json.dumps([request, arguments]), file=self.process.stdin, flush=True)
            self.failure, answer = json.loads(self.process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            self.failure, answer = f"crashed, exit status {self.process.wait()}", None
        return answer

    def close(self) -> None:
        """End the process: it leaves when its input does."""
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate()

    def seconds(self, phase: str) -> float:
        """The median of a phase over the rounds; nan where there is none."""
        return median(sample[phase] for sample in self.samples) if self.samples else nan

    def share(self) -> float:
        """CPU time over wall time: more than 1 tells of a second thread, less of a processor shared with others."""
        return sum(sample["cpu"] for sample in self.samples) / sum(sample["wall"] for sample in self.samples)


def race(contestants: Sequence[Contestant], rounds: int, steps: int, warmup: int) -> str:
    """Time ``steps`` steps of each contestant in turn, ``rounds`` times; say how the results agree."""
    for contestant in contestants:
        contestant.ask("time", steps=warmup)
    results = [result for contestant in contestants if (result := contestant.ask("result"))]
    for _ in range(rounds):
        for contestant in contestants:
            if sample := contestant.ask("time", steps=steps):
                contestant.samples.append(sample)
    for contestant in contestants:
        contestant.close()
    gaps = [abs(a - b) for result in results for a, b in zip(result, results[0], strict=True)]
    shares = [contestant.share() for contestant in contestants if contestant.samples]
    verdict = "agree" if all(gap < 1e-9 for gap in gaps) else "**DISAGREE**"
    return (
        f"After the warm-up (steps: {warmup}) the results of {len(results)} contestants {verdict}: "
        f"they lie at most {max(gaps):.0e} apart. CPU time over wall time is {min(shares):.2f} to {max(shares):.2f}."
    )


def peaks(figure: str, name: str, warmup: dict[str, Any], **arguments: Any) -> tuple[dict[str, float], str]:
    """What `measured` finds in a fresh process that has done a step of the arguments ``warmup``; and why it failed."""
    contestant = Contestant(figure, name, **warmup)
    contestant.ask("time", steps=1)
    contestant.ask("build", **arguments)
    found = contestant.ask("peaks")
    contestant.close()
    return found, contestant.failure


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table; a row that is too short, such as that of a missing contestant, is filled up."""
    lines = [list(header), *([*row, *[""] * (len(header) - len(row))] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    lines.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    for first, *others in lines:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        print("|", " | ".join(cells), "|")
    print(flush=True)


def number(value: float) -> str:
    """Three digits or so, without an exponent."""
    return f"{value:z,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


# In the worker ----------------------------------------------------------------------------------------


def timed(step: Step, steps: int) -> dict[str, float]:
    """Seconds of each phase of one step, and CPU and wall time of them all."""
    seconds = dict.fromkeys(step.phases, 0.0)
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(steps):
        for name, phase in step.phases.items():
            start = time.perf_counter()
            phase()
            seconds[name] += time.perf_counter() - start
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {name: total / steps for name, total in seconds.items()} | {"cpu": cpu, "wall": wall}


def peak() -> float:
    """The peak of this process's resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def forget_peak() -> None:
    """Let the peak start again from what is resident now: only Linux can, elsewhere small peaks hide behind imports."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def measured(step: Step) -> dict[str, float]:
    """Peak memory in MB above the start, up to the end of each phase, and what is left when all is done."""
    gc.collect()
    forget_peak()
    start, found = peak(), {}
    for name, phase in step.phases.items():
        phase()
        found[name] = peak() - start
    forget_peak()
    return found | {"left": peak() - start}


REQUESTS = {"time": timed, "peaks": measured, "result": lambda step: step.result()}


def serve(figure: str, name: str) -> None:
    """Answer requests until there are no more, on one processor, and run out of memory before the machine does."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    resource.setrlimit(resource.RLIMIT_DATA, (ROOM * 1_000_000, resource.RLIM_INFINITY))
    step = None
    for line in sys.stdin:
        request, arguments = json.loads(line)
        failure, answer = "", None
        try:
            if request == "build":
                step = importlib.import_module(figure).CONTESTANTS[name](**arguments)
            else:
                answer = REQUESTS[request](step, **arguments)
        except ModuleNotFoundError as error:
            failure = f"missing ({error.name})"
        except Exception as error:
            failure = f"{type(error).__name__}: {str(error)[:60]}"
        print(json.dumps([failure, answer]), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
