"""The record of a conversion, and the ways to show it."""
