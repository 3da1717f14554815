"""Sending: a letter, the servers it goes through, the outbox, the schedule."""
