"""The tests: a tree like that of `src/tintype`, and the pictures that they are made of."""
