"""The local page: what the glasses show and what the features tell, for whoever would rather look than read."""
