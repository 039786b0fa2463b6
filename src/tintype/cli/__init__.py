"""The command line: it reads files, calls the engine, writes files and reports results.

Start with `main`.
"""
