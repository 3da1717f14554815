"""The file of facts and its engines, and the file of settings beside it."""
