"""The simulator: what a user does with the science. It predicts paresthesia, not relief; not for patient care."""

__version__ = "0.1.0"
