"""Other people's systems behind our contracts; each vendor's package is imported in its own file, at first use."""
