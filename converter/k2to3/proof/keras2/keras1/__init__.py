"""Keras 1: its words, its layers that are no more, its layouts of weights."""
