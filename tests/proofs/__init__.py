"""Long proofs, each with its own make target."""
