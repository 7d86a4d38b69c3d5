"""From a plan to bytes: archives, tensors, and what a Keras 3 needs to open them."""
