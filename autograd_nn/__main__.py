"""``python -m autograd_nn`` is ``autograd-nn``."""

import sys

from autograd_nn.cli import main

sys.exit(main())
