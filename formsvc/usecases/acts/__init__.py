"""Reading, searching and serving acts."""
