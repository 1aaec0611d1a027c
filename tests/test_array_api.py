"""Code that asks arrays for their namespace, as the array API standard has it, differentiates on Tensors."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import scipy
import sklearn

PROGRAMS = Path(__file__).parent / "array_api_programs.py"


def version(package):
    return tuple(int(part) for part in package.__version__.split(".")[:2])


@pytest.mark.skipif(
    version(scipy) < (1, 17) or version(sklearn) < (1, 9),
    reason="fewer functions of older versions ask for a namespace",
)
def test_functions_of_scipy_and_scikit_learn_have_right_gradients():
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    run = subprocess.run([sys.executable, PROGRAMS], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    verdicts = json.loads(run.stdout)
    assert {name: verdict for name, verdict in verdicts.items() if verdict != "right"} == {}
    assert len(verdicts) >= 50
