"""Unusual activity: one rule is one `.sql` and its texts beside it, in `rules/`."""
