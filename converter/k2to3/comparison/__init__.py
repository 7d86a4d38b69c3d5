"""Two files of weights, tensor by tensor."""
