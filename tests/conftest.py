"""Settings for all tests."""

import os

# Threads of OpenMP and BLAS only fight with the other test processes for the cores.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
