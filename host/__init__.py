"""Everything that does not know the glasses: features, recognisers, the lens, the store, the command line."""
