"""TensorFlow ops, slices and Lambdas as Keras 3 ops. Executes nothing from a file."""
