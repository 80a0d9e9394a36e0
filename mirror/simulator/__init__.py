"""Readers, informers and censors that try the hand-out, before real ones do."""
