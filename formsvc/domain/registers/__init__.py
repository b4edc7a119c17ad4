"""Registers (登记簿): what a row holds, and its history by date."""
