"""Keras 2 HDF5 checkpoints to Keras 3 archives, with proof that they compute the same."""
