"""Pages of docs/ whose code is run."""

import re
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise


def blocks(text):
    """The language and the text of each fenced block."""
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def masked(text):
    """With # for numbers, and single spaces."""
    return re.sub(r"\d+(\.\d+)?(e[+-]\d+)?", "#", re.sub(r" +", " ", text)).strip()


def compared(found, scope):
    """Run the code of the blocks; what it prints must be what follows it, but for digits. How often it printed."""
    count = 0
    for (language, code), (following, shown) in pairwise([*found, ("", "")]):
        if language == "python":
            with redirect_stdout(StringIO()) as printed:
                exec(code, scope)
            if printed.getvalue():
                assert following == "text"
                assert masked(printed.getvalue()) == masked(shown)
                count += 1
    return count
