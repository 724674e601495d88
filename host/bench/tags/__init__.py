"""Shelf tags of our own making: what is on them, how they are laid out, and how readers misread them."""
