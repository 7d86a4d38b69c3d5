"""Layers of the user's own, described by real Keras in a worker process."""
