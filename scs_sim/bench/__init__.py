"""Bench: what a user does, measured; two commits compared; and clinical figures that only change on purpose."""
