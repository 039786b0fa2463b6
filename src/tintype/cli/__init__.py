"""The command line: it reads files, calls the engine, writes files and tells people about it.

Start with `main`.
"""
