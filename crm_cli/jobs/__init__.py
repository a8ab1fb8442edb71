"""Jobs: one room a use case that crosses rooms – importing, matching, merging, cleaning, auditing, running scripts.

A job is called by a command, by a script step or from Python, and tested there. It may use every room below; rooms
don't know each other, what crosses them is a job. To add one: a file (or folder) here, its public face in `__all__`.
"""
