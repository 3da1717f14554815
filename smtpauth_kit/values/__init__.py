"""What a cell means: addresses, protocols, counts, times."""
