"""Prices: what the lines of a shelf tag or a package say; pure."""
