"""Pages and files that leave the notebook, and the pseudonyms in them."""
