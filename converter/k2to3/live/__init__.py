"""A live Keras 3 model: described in Keras 2's words, compared with what a file means, and filled."""
