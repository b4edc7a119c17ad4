"""Rows of registers in and out of Excel workbooks."""
