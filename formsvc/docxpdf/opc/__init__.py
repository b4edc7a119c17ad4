"""Reading Open Packaging Convention packages (ECMA-376 part 2)."""
