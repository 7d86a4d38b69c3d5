"""The normal form of a Keras 2 model: layers, calls, tensors. Knows nothing of Keras 3."""
