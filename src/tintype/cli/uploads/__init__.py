"""The work of `tintype upload`: sending files, following images, and the cache for resuming."""
