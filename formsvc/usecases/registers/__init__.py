"""Registers (登记簿): their definitions in use, their rows by day."""
