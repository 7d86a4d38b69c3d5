"""What only Keras 1 had."""
