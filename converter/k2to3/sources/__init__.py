"""Reading: every Keras 1/2 dialect on disk becomes one `Checkpoint`."""
