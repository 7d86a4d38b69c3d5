"""What the functions of TensorFlow, Keras 2, NumPy and Python mean in Keras 3. Nothing from a file is executed.

From the bottom up:

- values: `values`, `dtypes`, `emitter` (where op nodes go), `extents`, `operands`, `arguments`
- families of functions, each with a table of its own: `arithmetic`, `shaping`, `gathering`, `keras_backend`, ...
- `families` joins them; `operators` and `keras_ops` speak in their names; `registry` is the closed list of all
- `dispatch`: the door for who calls by name; `nodedef`: the same for the nodes of TensorFlow's graphs

A new function is a function with `@symbol("tf.name")` in the family it belongs to. A new family is a module with
`symbol = Family()` and one line in `families`.
"""
