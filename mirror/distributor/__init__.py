"""Who learns which mirror: hand-out by keys that nobody keeps."""
