"""What the prover says of hard gradients: ``python tests/testing/hard.py [right] [wrong] [exact] [kind] [number]``.

Prints for each kind how many right ones are called so and how many wrong ones are caught, and the names of the others.
A number is for other seeds. ``exact`` says instead how far the right ones are from what they truly are, where it is
more than a 1e-9th, and which wrong ones are nearer to it than 2e-8 for cotangents of both signs: there should be none.
"""

import sys
from collections import Counter

import numpy as np
from hard_right import RIGHT
from hard_wrong import WRONG

RIGHT_COLUMNS = {
    "right": "right",
    "unresolved": "no verdict",
    "kink": "no verdict",
    "wrong": "wrong",
    "raised": "raised",
}
WRONG_COLUMNS = {
    "wrong": "caught",
    "unresolved": "no verdict",
    "kink": "no verdict",
    "right": "missed",
    "raised": "raised",
}


def judged(cases, more=0):
    """The cases with what the prover says, the message and the seconds; other seeds for each ``more``."""
    return [(case, *case.verdict(more)) for case in cases]


def said(message):
    """What the prover means, in one line."""
    lines = message.splitlines()
    return " ".join(next((line for line in lines if "diagnosis" in line), lines[0]).split())


def table(found, columns, good):
    """Counts for each kind, then the cases that are not as they should be."""
    names = dict.fromkeys(columns.values())
    print(f"{'':22}" + "".join(f"{name:>11}" for name in names) + "    seconds")
    for kind in [*dict.fromkeys(case.kind for case, *_ in found), "all"]:
        these = [row for row in found if kind in (row[0].kind, "all")]
        counts = Counter(columns[verdict] for _, verdict, *_ in these)
        print(f"{kind:22}" + "".join(f"{counts[name]:11}" for name in names), end="")
        print(f"{sum(seconds for *_, seconds in these):11.2f}")
    for case, verdict, message, _ in found:
        if columns[verdict] != good:
            print(f"  {columns[verdict]:10} {case.kind}: {case.name}: {said(message)}")


def main(*words):
    asked = {word for word in words if word in ("right", "wrong", "exact")}
    more = sum(int(word) for word in words if word.isdigit())
    kinds = [word for word in words if word not in asked and not word.isdigit()]
    rights, wrongs = ([case for case in cases if not kinds or case.kind in kinds] for cases in (RIGHT, WRONG))
    if "exact" in asked:
        for case in rights:
            if (error := case.error()) > 1e-9:
                print(f"{case.kind:18} {case.name:60} {error:.1e}" + " too much" * (error > case.allowed), flush=True)
        for case in wrongs:
            if case.kind != "manners" and (error := max(case.error(), case.error(-1))) < 2e-8:
                print(f"{case.kind:18} {case.name:60} {error:.1e} too little", flush=True)
        return
    if "right" in asked or not asked:
        table(judged(rights, more), RIGHT_COLUMNS, "right")
    if "wrong" in asked or not asked:
        table(judged(wrongs, more), WRONG_COLUMNS, "caught")


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
