"""Answers shown: charts, columns and sentences; one entry a view."""
