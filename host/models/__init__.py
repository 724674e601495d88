"""Models on this computer: which there are, how they get here, and where they lie."""
