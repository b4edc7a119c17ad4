"""Pictures that people upload: read in a child process, printed at a size."""
