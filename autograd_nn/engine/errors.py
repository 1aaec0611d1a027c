"""The errors that are raised for users to read: what they gave or computed is at fault, and the message says how."""

__all__ = ["AnomalyError", "InputError"]


class AnomalyError(ArithmeticError):
    """A nan or inf, forward or backward, or a kept value that was changed (see `anomaly`)."""


class InputError(ValueError):
    """Something that whoever gave it can put right: a setting, a file."""
