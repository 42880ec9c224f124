"""The science of scs-sim: what is true of tissue, fibres and people. NumPy and SciPy; nothing here knows of users."""
