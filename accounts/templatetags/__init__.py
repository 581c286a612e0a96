"""Template filters that every page of the product may use."""
