"""What functions of TensorFlow and of `keras.backend` compute: op layers and Lambdas call them.

Parameters have TensorFlow's names, so that arguments bind as they did there. Arguments are arrays, numbers, lists.
"""
