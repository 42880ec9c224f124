"""The panels: each holds its Qt widgets and paints the look it is given."""
