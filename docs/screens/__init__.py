"""Draws the pictures of the README: the page and the terminal, with photographs made of noise."""
