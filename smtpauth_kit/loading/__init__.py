"""The way in: a file is recognised, staged and appended in one transaction."""
