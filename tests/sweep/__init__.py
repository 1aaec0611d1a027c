"""The sweep: every function x axis x shape x keyword, a chapter a module with its table of CASES."""

import pkgutil
from importlib import import_module


def chapters():
    """The table of each chapter by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("case", "__main__")]
    return {name: import_module(f"sweep.{name}").CASES for name in sorted(names)}
