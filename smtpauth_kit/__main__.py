"""`python -m smtpauth_kit` is the command line: schedules call it by its Python."""

from smtpauth_kit.cli import main

main()
