"""Where the golden values are; the README.md there says where they come from."""

from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
