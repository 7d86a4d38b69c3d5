"""The Keras 3 side: layers, op nodes, the graph, its order, its JSON and its bytes."""
