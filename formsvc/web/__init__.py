"""Requests in, pages out; no rules of the trade."""
