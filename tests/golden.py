"""Where the golden values and the heart data are: beside the checkout, or nowhere."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
GOLDEN, HEART = SHARED / "golden", SHARED / "data" / "heart.dat"

golden = pytest.mark.skipif(
    not HEART.exists(), reason="the golden values and the heart data are not beside the checkout"
)
