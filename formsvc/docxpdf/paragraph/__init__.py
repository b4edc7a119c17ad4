"""Layout of one paragraph and what is anchored to it."""
