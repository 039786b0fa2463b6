"""Tintype: upload an image; seconds later every size and format you need is ready."""
