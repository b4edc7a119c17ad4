"""One search for everything a person may see."""
