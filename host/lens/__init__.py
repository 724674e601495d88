"""What is shown and where: cards, layout, text measure; pure, ends in a display list."""
