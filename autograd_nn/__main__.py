"""``python -m autograd_nn`` is ``autograd-nn``."""

import sys

from autograd_nn.cli.main import main

sys.exit(main())
