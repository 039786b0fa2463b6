"""Tests of the engine: bytes in, renditions, descriptions and errors out."""
