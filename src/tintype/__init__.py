"""Tintype: drop an image, and a moment later every size and format of it is ready to serve."""
