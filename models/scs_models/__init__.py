"""The science of scs-sim: what is true of tissue, fibres and people. NumPy and SciPy only; nothing here knows of users."""
