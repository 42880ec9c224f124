"""The simulator: what a user does with the science. It predicts paresthesia, not relief; not for patient care."""

__version__ = "0.1.0"

DISCLAIMER = "Predicted paresthesia, not pain relief. For training and research, not for patient care."
"""What every page, picture and report ends with."""
