"""Lines whose every character is placed already, set by the page engine without shaping or breaking them again."""
