"""A command as a schedule runs it: a crontab line, and PowerShell for Windows Task Scheduler.

Neither has this terminal's folder, path or variables: every path is absolute, and no secret can be
in a command, for no command takes one.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from smtpauth_kit.base.errors import UsageError

CRON: Final = {"daily": "0 7 * * *", "weekly": "0 7 * * 1", "monthly": "0 7 1 * *"}
"""At seven in the morning, of this machine's time: every day, on Monday, on the first."""

_SCHTASKS: Final = {
    "daily": "/SC DAILY",
    "weekly": "/SC WEEKLY /D MON",
    "monthly": "/SC MONTHLY /D 1",
}

PROGRAM: Final = ("-P", "-m", "smtpauth_kit")
"""What Python is called with; -P, for a schedule's folder may hold modules of any name."""


def crontab_line(schedule: str, arguments: Sequence[str]) -> str:
    r"""Return the line of a crontab that runs the kit with these arguments.

    To cron a bare % ends the command, and some crons halve two backslashes: the first is escaped,
    the second never comes.

    Examples
    --------
    >>> line = crontab_line("weekly", ["request-report", "--sender", "50% $HOME's@contoso.com"])
    >>> line.partition("smtpauth_kit ")[2]
    'request-report --sender \'50\\% $HOME\'"\'"\'s@contoso.com\''
    """
    _check(schedule, arguments)
    words = (sys.executable, *PROGRAM, *arguments)
    quoted = " ".join(shlex.quote(word).replace("\\", "\\''") for word in words)
    return f"{CRON[schedule]} {quoted}".replace("%", "\\%")


def task_scheduler_command(schedule: str, arguments: Sequence[str]) -> str:
    """Return PowerShell that makes a task which runs the kit with these arguments.

    `schtasks` knows every kind of schedule but takes commands of 261 characters only; so it makes
    the task, and the command is put in after.

    Examples
    --------
    >>> print(task_scheduler_command("monthly", ["request-report", "--to", "o'neil@contoso.com"]))
    schtasks /Create /TN 'SMTP AUTH report ...' /SC MONTHLY /D 1 /ST 07:00 /TR 'cmd'; if ($?)
    { Set-ScheduledTask -TaskName 'SMTP AUTH report ...' -Action (New-ScheduledTaskAction -Execute
    '...' -Argument '-P -m smtpauth_kit request-report --to o''neil@contoso.com') }
    """
    _check(schedule, arguments)
    if any(argument.count("%") > 1 for argument in arguments):
        raise UsageError("Task Scheduler takes what stands between two % for a variable.")
    argument = subprocess.list2cmdline([*PROGRAM, *arguments])
    # Two tasks for two calls: a name that is the call's own.
    name = f"SMTP AUTH report {hashlib.sha256(argument.encode()).hexdigest()[:6]}"
    return (
        f"schtasks /Create /TN {_powershell(name)} {_SCHTASKS[schedule]} /ST 07:00 /TR 'cmd'; "
        f"if ($?) {{ Set-ScheduledTask -TaskName {_powershell(name)} -Action "
        f"(New-ScheduledTaskAction -Execute {_powershell(sys.executable)} "
        f"-Argument {_powershell(argument)}) }}"
    )


def _powershell(text: str) -> str:
    r"""Quote for PowerShell, to which a typographic apostrophe is one as well.

    >>> ascii(_powershell("it's \u2018so\u2019"))
    '"\'it\'\'s \\u2018\\u2018so\\u2019\\u2019\'"'
    """
    return "'" + "".join(c * 2 if c in "'\u2018\u2019\u201a\u201b" else c for c in text) + "'"


def _check(schedule: str, arguments: Sequence[str]) -> None:
    if schedule not in CRON:
        raise UsageError(
            "There is no schedule {schedule}. Expected {known}.",
            schedule=repr(schedule),
            known=list(CRON),
        )
    if any(not char.isprintable() for argument in arguments for char in argument):
        raise UsageError("A schedule is one line: no argument may hold a line break or the like.")
