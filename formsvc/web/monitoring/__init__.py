"""Monitoring: probes, request log and metrics."""
