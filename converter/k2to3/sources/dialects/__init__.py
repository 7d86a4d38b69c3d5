"""The ways in which Keras 1 and 2 stored models: a reader each, and a table."""
