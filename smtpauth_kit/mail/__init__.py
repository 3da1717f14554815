"""Sending a report: composed as a mail, through a server or into the outbox, on a schedule."""
