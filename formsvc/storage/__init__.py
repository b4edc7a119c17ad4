"""The ports of the use cases made real: the store and the kept files."""
