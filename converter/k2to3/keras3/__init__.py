"""Facts about Keras 3, and the graph of layers and ops that is built there."""
