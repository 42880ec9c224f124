"""Looks: pure functions from a Moment to what one panel is to show, as frozen values."""
