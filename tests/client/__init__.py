"""`tintype.client`, used as a program of one's own uses it."""
