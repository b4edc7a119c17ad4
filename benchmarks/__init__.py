"""Speed, side by side in one run; separate from the tests."""
