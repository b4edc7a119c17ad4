"""Personal data: masking and erasure."""
