"""The command line, run as people run it, on real files in a folder of its own."""
