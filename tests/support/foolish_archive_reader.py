"""The process that reads archives, taken over by what it read."""

from tests.support.failing_archive_reader import main

if __name__ == "__main__":
    main(foolish=True)
