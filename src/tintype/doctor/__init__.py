"""`tintype doctor`: one picture through the public doors, a look inside, and the root cause.

Start with `run.examine`. `canary.STEPS` are the steps of the picture, `checks.table.CHECKS` the checks inside,
`findings.FINDING_TYPES` all that can be found, and `diagnosis.judge` names what to fix first.
"""
