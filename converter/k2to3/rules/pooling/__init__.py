"""Pooling, padding, cropping and upsampling."""
