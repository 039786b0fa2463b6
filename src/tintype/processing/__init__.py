"""Processing: from an original in the bucket to renditions, a manifest and a record.

Start with `process.process`; `run.ProcessRun` implements the steps.
"""
