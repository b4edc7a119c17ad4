"""Setting up an office: its steps, and its number series."""
