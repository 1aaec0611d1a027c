"""Processes for the long tests that are run by hand."""

import os
from multiprocessing import get_context


def pool():
    """A process for each core. BLAS has one thread in each, or they would wait for each other's."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return get_context("spawn").Pool()  # spawned, because NumPy reads them when it is imported
