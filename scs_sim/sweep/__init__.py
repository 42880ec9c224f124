"""Sweep: a full factorial of settings over cases and patients, into a labelled data set."""
