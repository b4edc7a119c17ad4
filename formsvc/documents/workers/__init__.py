"""Processes that render documents apart from the server.

A worker reads files that may be hostile, so nothing it sends is trusted: messages are a JSON header and raw
bytes. Pickle, which multiprocessing and its pools (pebble, loky) use, would let a worker that was taken over run
code in the server.
"""
