"""Layers that join several inputs into one."""
