"""Layers of QKeras, whose kernels are rounded to few bits before they are used (github.com/google/qkeras, 0.9.0)."""
