"""Keys: where they lie, how they come and go, and what is published of them."""
