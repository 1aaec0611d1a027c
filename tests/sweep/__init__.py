"""The sweep: every function x axis x shape x keyword, a chapter a module with its table of CASES."""

import pkgutil
from importlib import import_module

import numpy as np

LATER = ("cumulative_prod", "cumulative_sum", "matvec", "unstack", "vecmat")
"""The functions that NumPy 2.0 did not have: without them, nor have the tables their cases."""
MISSING = tuple(f"np.{name}(" for name in LATER if not hasattr(np, name))


def chapters():
    """The table of each chapter by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("case", "__main__")]
    tables = {name: import_module(f"sweep.{name}").CASES for name in sorted(names)}
    return {name: [case for case in table if not case.text.startswith(MISSING)] for name, table in tables.items()}
