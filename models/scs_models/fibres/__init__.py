"""Nerve fibres: the reference axon, the fast predictor fitted to it, populations and the paths of roots."""
