"""Repairs of a running stack, independent of a terminal; used by the CLI and the doctor."""
