"""From recruited fibres to felt paresthesia: dermatomes, the body map, intensity, rate."""
