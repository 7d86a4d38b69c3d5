"""Convolutions of every kind, as `keras.layers.convolutional`."""
