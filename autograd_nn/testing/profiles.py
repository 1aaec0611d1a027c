"""Profiles of hypothesis: dev, ci, nightly. Registered when hypothesis is imported, by its own kind of entry point."""

from __future__ import annotations

__all__ = ["register"]


def register() -> None:
    """Make ``--hypothesis-profile=nightly`` known; chooses none, and leaves those alone that are there already.

    ``dev`` has no deadline, ``ci`` the same examples every time, ``nightly`` 2,000 of them.
    """
    from hypothesis import settings
    from hypothesis.errors import InvalidArgument

    profiles = {
        "dev": settings(deadline=None),
        "ci": settings(deadline=None, derandomize=True, database=None),
        "nightly": settings(deadline=None, max_examples=2000),
    }
    for name, profile in profiles.items():
        try:
            settings.get_profile(name)
        except InvalidArgument:
            settings.register_profile(name, profile)
