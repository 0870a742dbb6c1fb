"""Recording what a run asked of the world, and playing it back: cassettes."""
