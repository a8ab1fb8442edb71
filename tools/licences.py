"""Check the licence of every installed distribution against a list of licences that may be shipped with MIT code.

Run by `dev.py lint`. A distribution under the GPL or AGPL fails, and so does one whose licence is unknown; the LGPL is
allowed only to what an optional extra brings, since an extra is installed by the user's own choice.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "crm-cli-toolkit"

# SPDX identifiers (spdx.org/licenses). An expression passes when one side of its OR and every part of its AND do.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0",
    "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
ONLY_IN_EXTRAS = {"LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"}

# Names in classifiers and free text, where a distribution states no SPDX expression.
SPDX_OF = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "the unlicense (unlicense)": "Unlicense",
}


def main() -> int:
    """Print what is not allowed; returns 1 if there is any."""
    core = core_distributions()
    found = {canonicalize_name(each.name): each for each in distributions() if each.name}
    found.pop(canonicalize_name(PROJECT), None)
    problems = [problem for name, each in sorted(found.items()) if (problem := problem_of(each, in_core=name in core))]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"licences: {len(found)} distributions, {len(problems)} not allowed")
    return 1 if problems else 0


def problem_of(distribution: Distribution, *, in_core: bool) -> str:
    """Say what is wrong with a distribution's licence, or nothing."""
    licence = licence_of(distribution)
    if allows(licence, ALLOWED if in_core else ALLOWED | ONLY_IN_EXTRAS):
        return ""
    where = "needed by every installation" if in_core else "of an extra or a development tool"
    return f"error: {distribution.name} {distribution.version} ({where}): licence {licence or 'unknown'} not allowed"


def licence_of(distribution: Distribution) -> str:
    """Return the SPDX expression of a distribution, from its metadata's three places in order of trust."""
    if expressions := stated(distribution, "License-Expression"):
        return expressions[0]
    classifiers = [each for each in stated(distribution, "Classifier") if each.startswith("License ::")]
    names = [each.rsplit(" :: ", 1)[1] for each in classifiers if each != "License :: OSI Approved"]
    free_text = next(iter(stated(distribution, "License")), "").split("\n", 1)[0]
    return " OR ".join(spdx(name) for name in names) or spdx(free_text)


def stated(distribution: Distribution, key: str) -> list[str]:
    """Return what the metadata says under one key."""
    return [str(value).strip() for value in distribution.metadata.get_all(key) or []]


def spdx(name: str) -> str:
    """Turn a licence's usual name into its SPDX identifier where it is known."""
    return SPDX_OF.get(name.casefold(), name)


def allows(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met with allowed licences alone."""
    plain = re.sub(r"[()]", " ", expression)
    return any(
        all(term.split(" WITH ")[0].strip() in allowed for term in re.split(r"\s+AND\s+", choice))
        for choice in re.split(r"\s+OR\s+", plain)
    )


def core_distributions() -> set[str]:
    """Return the names of everything that an installation without extras brings."""
    seen: set[str] = set()
    waiting = [PROJECT]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in seen:
            seen.add(name)
            waiting += needs_of(name)
    return seen - {PROJECT}


def needs_of(name: str) -> list[str]:
    """Return the direct requirements of an installed distribution, without those of extras."""
    try:
        stated = requires(name) or []
    except ModuleNotFoundError:  # a requirement of another system
        return []
    parsed = [Requirement(each) for each in stated]
    return [each.name for each in parsed if each.marker is None or each.marker.evaluate({"extra": ""})]


if __name__ == "__main__":
    sys.exit(main())
