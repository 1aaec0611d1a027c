"""The sweep: every function x axis x shape x keyword, a chapter a module with its table of CASES."""

import pkgutil
import re
from importlib import import_module

import numpy as np

LATER = {
    "2.1.0": r"np\.(cumulative_|unstack\(|clip\(x, (None, None|min=)|reshape\(.*copy=)",
    "2.2.0": r"np\.(matvec|vecmat)\(",
    "2.3.0": r"\(lambda inf: np\.linalg\.norm\(.* at \(0,( 0)?\)$",
    "2.4.0": r"np\.pad\(x, \{|np\.linalg\.cond\(.*, (1|'fro')\) .* complex$",
}
"""The cases that NumPy takes, and takes rightly, from this version on. An older one has no value to compare with."""
MISSING = [pattern for version, pattern in LATER.items() if np.lib.NumpyVersion(np.__version__) < version]


def chapters():
    """The table of each chapter by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("case", "__main__")]
    tables = {name: import_module(f"sweep.{name}").CASES for name in sorted(names)}
    return {
        name: [case for case in table if not any(re.match(pattern, str(case)) for pattern in MISSING)]
        for name, table in tables.items()
    }
