"""Child processes that need the store or its archives, with limits.

Those that only read and render documents are in ``documents/workers``, which knows no store.
"""
