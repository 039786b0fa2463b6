"""The template, before it is deployed: what is in it, and what is not."""
