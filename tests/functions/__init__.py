"""The functions: AWS's events in, answers, records and log lines out."""
