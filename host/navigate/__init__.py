"""Leading a walker or cyclist: a route, where on it they are, and what comes next."""
