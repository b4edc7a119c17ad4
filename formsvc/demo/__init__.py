"""Sample office with fictitious people and acts, on loopback only."""
