"""`tintype doctor`: one journey through the public doors, a look inside, and the one culprit.

Start with `examination.examine`. `journey.STEPS` is what is tried, `looks.LOOKS` what is looked at,
`findings.KINDS` all that can be found, and `verdict.judge` names what to mend first.
"""
