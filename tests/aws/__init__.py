"""Tests of the service adapters, most of them against an emulator that enforces IAM."""
