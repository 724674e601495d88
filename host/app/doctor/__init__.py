"""What works on this computer, what is missing, and how to mend it: one file a feature."""
