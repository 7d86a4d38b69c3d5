"""Layers that prepare text, categories and images."""
