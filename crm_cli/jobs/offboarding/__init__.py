"""When somebody leaves: open work, memberships and rules go to others, access ends, a sheet tells what is whose now.

`offboard` does it in one open operation; `files_naming` finds what in the project's own files names the user.
"""

from crm_cli.jobs.offboarding.files import Mention, files_naming
from crm_cli.jobs.offboarding.run import Offboarded, Offboarding, offboard
from crm_cli.jobs.offboarding.sheet import write_sheet

__all__ = ["Mention", "Offboarded", "Offboarding", "files_naming", "offboard", "write_sheet"]
