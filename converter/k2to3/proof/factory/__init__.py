"""Code of the user's that builds a model, run in the place and under the defaults of the Keras it was written for."""
