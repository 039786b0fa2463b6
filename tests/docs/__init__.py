"""The documentation: it builds, it is complete, its links lead somewhere, and what it says to type works."""
