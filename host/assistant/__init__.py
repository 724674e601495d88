"""Everyday mode: what the wearer asks for by tap, voice or from elsewhere, and which feature has the lens."""
