"""Activations as functions and as layers."""
