"""Where the golden values and the heart data are; a README.md beside each says where they come from."""

from pathlib import Path

HERE = Path(__file__).parent
GOLDEN, HEART = HERE / "golden", HERE / "data" / "heart.dat"
