"""All code that depends on the internals of the emulator, MiniStack."""
