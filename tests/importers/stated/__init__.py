"""What the makers of the shared files state of them, turned into assertions.

`judging.judge` reads one file and gives its verdict: it holds what is stated, it doesn't, or nothing checkable is
stated. The rules live by the form of the statement, not by file: a rule yields checks from the manifest's own words.
To add one, write a generator of checks and name it in `judging.RULES`.
"""
