"""Takes articles in and turns released ones into an edition."""
