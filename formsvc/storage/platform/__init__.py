"""Files and processes as the operating system has them."""
