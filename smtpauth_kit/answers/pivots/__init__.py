"""From one thing to all that share it: an address, a network, a country, an account."""
