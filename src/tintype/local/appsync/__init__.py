"""AppSync's subscriptions, which the emulator lacks."""
