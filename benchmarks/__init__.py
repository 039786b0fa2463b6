"""Tintype side by side with Pillow and sharp, run alternately on one machine: `python -m benchmarks`."""
