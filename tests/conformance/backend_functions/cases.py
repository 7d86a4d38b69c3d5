# ruff: noqa
"""One Lambda for each function of `keras.backend`, form of its arguments and rank: (name, inputs, source).

Read by Pythons from 3.6 on and by today's. Inputs are written `f3,4`: a letter for the kind of values, the extents
without the batch. Options in braces are expanded: `K.sum(x{, 1|, axis=-1})`.
"""

import itertools
import re

# Of one Lambda, `x`; of several, `x[0]`, `x[1]`.
V, M, T, Q = "f4", "f3,4", "f2,3,4", "f2,3,2,3"
REDUCTIONS = ("sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "logsumexp")
AXES = {
    V: "{|, axis=1|, -1|, 0|, axis=-1, keepdims=True|, keepdims=True|, axis=[1]|, axis=(0, 1)}",
    M: "{|, axis=1|, 2|, axis=-2|, axis=0|, axis=[1, 2]|, axis=(-1, -2)|, axis=[1, 2], keepdims=True"
    "|, 1, True|, -1, keepdims=True}",
    T: "{|, axis=1|, axis=2|, -1|, axis=[1, 2]|, axis=(2, 3), keepdims=True|, [1, -1]|, axis=[1, 2, 3]|, axis=3, keepdims=True}",
    Q: "{, axis=2|, axis=[2, -2]|, axis=(1, 2, 3, 4), keepdims=True}",
}
ELEMENTWISE = (
    "abs", "square", "sqrt", "exp", "log", "round", "sign", "sin", "cos", "tanh", "sigmoid", "softplus", "softsign",
    "hard_sigmoid", "relu", "elu", "identity", "stop_gradient", "zeros_like", "ones_like", "flatten", "batch_flatten",
    "transpose", "cast_to_floatx", "print_tensor",
)  # fmt: skip
COMPARISONS = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum", "pow")

TABLE = [
    # Element by element: plain values, and those where functions turn.
    *["%s | %s | K.%s(x)" % (name, kind, name) for name in ELEMENTWISE for kind in ("e30", "f2,3,4")],
    *["%s | i4 | K.%s(x)" % (name, name) for name in ("abs", "square", "sign", "relu", "round", "zeros_like", "ones_like", "identity", "cast_to_floatx", "flatten")],
    "zeros_like | f3,4 | K.zeros_like(x{, dtype='int32'|, 'float32'|, name='z'})",
    "ones_like | f3,4 | K.ones_like(x{, dtype='int32'|, 'bool'|, name='z'})",
    "pow | {f4|e30} | K.pow(x, {2|3|2.0|-1|0})",
    "pow | p4 | K.pow(x, {0.5|-0.5|1.5})",
    "pow | i4 | K.pow(x, 2)",
    "pow | {p4; f4|p3,4; f3,4} | K.pow(x[0], x[1])",
    "clip | {f4|e30|f2,3,4} | K.clip(x, {0, 1|-1.0, 1.0|min_value=-0.5, max_value=0.25|0.5, -0.5|-1, None|0.0, 0.0})",
    "clip | i4 | K.clip(x, 1, 3)",
    "clip | e30 | K.clip(x, {None, 1.0|0., np.inf})",
    "relu | {e30|f3,4} | K.relu(x{, 0.1|, alpha=0.3|, max_value=6|, alpha=0.2, max_value=1.5|, max_value=0.5, threshold=0.25|, threshold=1.0|, alpha=0.1, threshold=0.5|, alpha=0.1, max_value=2.0, threshold=-0.5|, 0., 6.|, max_value=0})",
    "elu | {e30|f3,4} | K.elu(x, {0.5|alpha=2.0})",
    "softmax | {f4|f3,4|f2,3,4|f2,3,2,3|e30} | K.softmax(x)",
    "softmax | f3,4 | K.softmax(x, {1|axis=-1|axis=2|axis=-2|axis=0})",
    "softmax | f2,3,4 | K.softmax(x, axis={1|2|3|-2})",
    "softmax | f4 | K.softmax(x, {axis=1|axis=-1|0})",
    "mean | {b4|b3,4} | K.mean(x{|, axis=-1|, axis=1, keepdims=True})",
    "sum | i3,4 | K.sum(x{|, axis=-1|, axis=1})",
    "mean | i3,4 | K.mean(x{|, axis=-1|, axis=1})",
    "{max|min|prod} | i3,4 | K.$1(x, axis={-1|1})",
    "{any|all} | {b4|b3,4|i3,4} | K.$1(x{|, axis=-1|, axis=1, keepdims=True})",
    "{var|std} | b3,4 | K.$1(x, axis=-1)",
    *["%s | %s | K.%s(x%s)" % (name, kind, name, axes) for name in REDUCTIONS for kind, axes in AXES.items()],
    "{argmax|argmin} | {f4|f3,4|f2,3,4} | K.$1(x{|, axis=1|, -1|, axis=0|, axis=-2})",
    "{argmax|argmin} | f2,3,4 | K.$1(x, axis={2|3})",
    "{argmax|argmin} | i3,4 | K.$1(x{|, axis=1})",
    "{cumsum|cumprod} | {f4|f3,4|f2,3,4} | K.$1(x{|, axis=1|, -1|, 0|, axis=-2})",
    "cumsum | i3,4 | K.cumsum(x, axis=1)",
    "l2_normalize | {f4|f3,4|f2,3,4} | K.l2_normalize(x{|, axis=-1|, 1|, axis=0|, axis=None})",
    "l2_normalize | f3,4 | K.l2_normalize(x, axis={2|[1, 2]|(1, 2)|-2})",
    "l2_normalize | t3,4 | K.l2_normalize(x, axis=-1)",
    # Two tensors.
    *["%s | %s | K.%s(x[0], x[1])" % (name, kinds, name) for name in COMPARISONS[:-1] for kinds in ("f4; g4", "i4; j4", "f3,4; g4", "f2,3,4; g2,3,4", "f3,4; g1,4", "f1,4; g3,1")],
    *["%s | %s | K.%s(x, %s)" % (name, kind, name, value) for name in COMPARISONS[:-1] for kind, value in (("e30", "0.5"), ("e30", "0"), ("i4", "2"), ("f3,4", "0.25"))],
    "{equal|greater} | {f4|i4} | K.$1({1, x|0.5, x})",
    # Products.
    "dot | f4; | K.dot(x, K.constant([[1., 2.], [3., -1.], [0.5, 0.], [-2., 1.]]))",
    "dot | {f3,4|f2,3,4|f2,3,2,4} | K.dot(x, K.constant([[1., 2.], [3., -1.], [0.5, 0.], [-2., 1.]]))",
    "dot | {f4|f3,4} | K.dot(x, K.constant([[1.], [3.], [0.5], [-2.]]))",
    "dot | {f4|f3,4|f2,3,4} | K.dot(x, K.reshape(K.arange(0, 24, dtype='float32'), (2, 4, 3)))",
    "dot | {f4|f3,4} | K.dot(x, {K.ones((4, 4))|K.eye(4)|K.transpose(K.ones((2, 4)))})",
    "dot | f3,4 | K.dot(x, K.constant([1., 2., 3., 4.]))",
    "batch_dot | f4; g4 | K.batch_dot(x[0], x[1]{|, axes=1|, axes=[1, 1]|, 1|, axes=(1, 1)|, axes=-1})",
    "batch_dot | f3; g3,4 | K.batch_dot(x[0], x[1]{|, axes=1|, axes=[1, 1]|, axes=(1, 1)})",
    "batch_dot | f4; g3,4 | K.batch_dot(x[0], x[1], axes={[1, 2]|(1, 2)|[1, -1]})",
    "batch_dot | f3,4; g4 | K.batch_dot(x[0], x[1]{|, axes=[2, 1]|, axes=(2, 1)})",
    "batch_dot | f3,4; g3 | K.batch_dot(x[0], x[1], axes={1|[1, 1]})",
    "batch_dot | f3,4; g4,5 | K.batch_dot(x[0], x[1]{|, axes=[2, 1]|, axes=(2, 1)|, axes=[-1, -2]})",
    "batch_dot | f3,4; g5,4 | K.batch_dot(x[0], x[1], axes={2|[2, 2]|(2, 2)|-1})",
    "batch_dot | f3,4; g3,5 | K.batch_dot(x[0], x[1], axes={1|[1, 1]|(1, 1)})",
    "batch_dot | f4,3; g5,4 | K.batch_dot(x[0], x[1], axes={[1, 2]|(1, 2)})",
    "batch_dot | f4,4; g4,4 | K.batch_dot(x[0], x[1]{|, axes=1|, axes=2|, axes=[1, 2]|, axes=[2, 1]|, axes=-1|, axes=-2|, axes=[-1, -2]|, axes=[-2, -1]|, axes=[2, -2]|, axes=0})",
    "batch_dot | f3,3,3; g3,3 | K.batch_dot(x[0], x[1]{|, axes=[1, 2]|, axes=[3, 1]|, axes=[3, 2]|, axes=-1|, axes=2})",
    "batch_dot | {f4; g4|f3,3,3; g3,3,3} | K.batch_dot(x[0], x[1], axes={0|-1|-2|[-1, -2]|[1, -1]})",
    "batch_dot | f3,5,4; g3,5,4 | K.batch_dot(x[0], x[1], axes={3|[3, 3]|2|[2, 2]|1|[1, 1]})",
    "batch_dot | f3,5,4; g3,4,5 | K.batch_dot(x[0], x[1]{|, axes=[3, 2]|, axes=[2, 3]|, axes=(3, 2)})",
    "batch_dot | f3,3,3; g3,3,3 | K.batch_dot(x[0], x[1]{|, axes=[1, 2]|, axes=[2, 1]|, axes=[3, 1]|, axes=[1, 3]|, axes=[3, 2]|, axes=[2, 3]})",
    "batch_dot | f3,4; g2,3,4 | K.batch_dot(x[0], x[1], axes={[2, 3]|[1, 2]|2})",
    "batch_dot | f2,3,4; g3,4 | K.batch_dot(x[0], x[1], axes={[3, 2]|[2, 1]|2})",
    "batch_dot | f2,3,4; g4 | K.batch_dot(x[0], x[1], axes={[3, 1]|(3, 1)})",
    "batch_dot | f4; g2,3,4 | K.batch_dot(x[0], x[1], axes={[1, 3]|(1, 3)})",
    "batch_dot | f4; g2,4,3 | K.batch_dot(x[0], x[1]{|, axes=[1, 2]})",
    "batch_dot | f3,3; g3,3,3 | K.batch_dot(x[0], x[1]{|, axes=[1, 2]|, axes=[2, 1]|, axes=[2, 2]|, axes=[2, 3]})",
    "batch_dot | f2,3,2,4; g2,3,4,2 | K.batch_dot(x[0], x[1]{|, axes=[4, 3]})",
    # Shapes.
    "reshape | f3,4 | K.reshape(x, {(-1, 12)|[-1, 2, 6]|(-1, 4)|(3, 12)|shape=(-1, 4, 3)|(K.shape(x)[0], 6, 2)|(-1, K.int_shape(x)[1] * 4)})",
    "reshape | {f4|f2,3,4} | K.reshape(x, {(-1, 2, 2)|(-1,)|(-1, 1, 4)})",
    "permute_dimensions | f3,4 | K.permute_dimensions(x, {(0, 2, 1)|[0, 2, 1]|pattern=(0, 2, 1)|(1, 0, 2)|(2, 1, 0)})",
    "permute_dimensions | f2,3,4 | K.permute_dimensions(x, {(0, 3, 1, 2)|[0, 2, 3, 1]|(0, 3, 2, 1)})",
    "permute_dimensions | f2,3,2,3 | K.permute_dimensions(x, (0, 4, 2, 3, 1))",
    "expand_dims | {f4|f3,4|f2,3,4} | K.expand_dims(x{|, 1|, axis=-1|, -2|, axis=2|, 0})",
    "squeeze | f1,4 | K.squeeze(x, {1|axis=1|-2})",
    "squeeze | f3,1 | K.squeeze(x, {-1|axis=2|axis=-1})",
    "squeeze | f3,1,4 | K.squeeze(x, {2|axis=-2})",
    "concatenate | f4; g4 | K.concatenate({x|x, axis=1|[x[0], x[1]], axis=-1|[x[0], x[1]], axis=0|(x[0], x[1])})",
    "concatenate | f3,4; g3,4 | K.concatenate(x{|, axis=1|, 2|, axis=-2|, axis=0})",
    "concatenate | f3,4; g2,4; f1,4 | K.concatenate(x, axis={1|-2})",
    "concatenate | f2,3,4; g2,3,4 | K.concatenate(x{|, axis=1|, axis=2|, axis=3|, -2})",
    "concatenate | i4; j4 | K.concatenate(x, axis=-1)",
    "stack | {f4; g4|f3,4; g3,4} | K.stack(x{|, axis=1|, -1|, axis=0|, axis=2|, axis=-2})",
    "tile | f4 | K.tile(x, {[1, 2]|(1, 3)|n=[1, 2]|[2, 1]|2})",
    "tile | f3,4 | K.tile(x, {[1, 2, 1]|(1, 1, 2)|(1, 2, 3)})",
    "tile | f2,3,1 | K.tile(x, (1, 1, 1, 3))",
    "repeat | f4 | K.repeat(x, {1|3|n=2})",
    "repeat_elements | f4 | K.repeat_elements(x, {2, 1|3, axis=-1|rep=2, axis=1})",
    "repeat_elements | f3,4 | K.repeat_elements(x, {2, 1|3, axis=2|2, axis=-1|2, axis=-2|1, axis=1})",
    "repeat_elements | f2,3,4 | K.repeat_elements(x, {2, 1|2, 2|2, axis=3|2, axis=-2})",
    "reverse | {f4|f3,4|f2,3,4} | K.reverse(x, {1|axes=1|[1]|axes=-1|(1,)|axes=0})",
    "reverse | f2,3,4 | K.reverse(x, {[1, 2]|axes=(2, 3)|axes=[1, -1]})",
    "gather | {f4|f3,4|i4} | K.gather(x, {[0, 2]|[1]|[[0, 1], [2, 0]]|K.constant([2, 0], dtype='int32')|0})",
    "gather | i4 | K.gather(K.constant([[1., 2.], [3., 4.], [5., 6.], [7., 8.], [9., 10.]]), {x|K.cast(x, 'int32')})",
    "one_hot | {i4|i3,4} | K.one_hot(x, {5|num_classes=5|3|7})",
    "one_hot | f4 | K.one_hot(K.cast(x, 'int32'), 3)",
    "one_hot | i4 | K.one_hot({K.cast(x, 'uint8')|K.argmax(x)|K.cast(x, 'int64')}, 5)",
    "slice | f4 | K.slice(x, {[0, 1], [-1, 2]|(0, 1), (3, 2)|start=[0, 1], size=[-1, -1]})",
    "slice | f3,4 | K.slice(x, {[0, 1, 0], [-1, 2, 4]|(0, 0, 1), (-1, -1, 2)})",
    "temporal_padding | f3,4 | K.temporal_padding(x{|, (1, 2)|, padding=(2, 0)|, [0, 1]})",
    "spatial_2d_padding | f2,3,4 | K.spatial_2d_padding(x{|, ((1, 2), (0, 1))|, padding=((0, 0), (2, 1))|, ((1, 2), (0, 1)), 'channels_first'|, data_format='channels_last'})",
    "spatial_3d_padding | f2,3,2,3 | K.spatial_3d_padding(x{|, ((1, 0), (0, 1), (1, 2))|, ((1, 0), (0, 1), (1, 2)), data_format='channels_first'})",
    "resize_images | f2,3,4 | K.resize_images(x, {2, 2, 'channels_last'|2, 1, data_format='channels_last'|3, 2, 'channels_first'|1, 2, data_format='channels_first'})",
    "resize_images | f2,3,4 | K.resize_images(x, {2, 2, 'channels_last', interpolation='bilinear'|2, 3, 'channels_last', 'bilinear'|2, 2, 'channels_first', 'bilinear'|2, 2, 'channels_last', interpolation='nearest'})",
    "resize_volumes | f2,3,2,3 | K.resize_volumes(x, {2, 1, 2, 'channels_last'|1, 2, 3, 'channels_first'})",
    "shape | {f4|f3,4} | {K.zeros(K.shape(x)) + x|x * K.cast(K.shape(x)[1], 'float32')|K.reshape(x, (K.shape(x)[0], -1))|K.shape(x)}",
    "int_shape | f3,4 | {x * K.int_shape(x)[-1]|K.reshape(x, (-1,) + K.int_shape(x)[1:][::-1])|x / float(len(K.int_shape(x)))}",
    "ndim | f3,4 | {x * K.ndim(x)|K.sum(x, axis=K.ndim(x) - 1)}",
    "dtype | {f4|i4} | K.cast(x > 1, K.dtype(x))",
    "cast | {f4|e30} | K.cast(x, {'int32'|dtype='int32'|'bool'|'float64'|'float16'|'int64'|K.floatx()})",
    "cast | {f4|e30} | K.cast(K.clip(x, 0, 9), 'uint8')",
    "cast | {i4|b4} | K.cast(x, {'float32'|'int32'|'bool'|dtype='float64'})",
    # Making tensors.
    "constant | f4 | x + K.constant({1.0|[1, 2, 3, 4]|[1., 2., 3., 4.], dtype='float32'|2, shape=(4,)|3|[[1.], [2.], [3.]]|5, dtype='float32', shape=(1, 4)|value=0.5|[1., 2.], shape=(4,)|[1., 2., 3., 4.], shape=(1, 4)})",
    "constant | i4 | x + K.constant({1, dtype='int32'|[1, 2, 3, 4], 'int32'})",
    "variable | f4 | x * K.variable({2.0|[1., 2., 3., 4.]|value=0.5, dtype='float32'|np.ones((4,))})",
    "{zeros|ones} | f4 | x + K.$1({(4,)|(1, 4)|[4]|shape=(4,)|(4,), dtype='float32'|(4,), 'float32'})",
    "eye | f4 | {x + K.sum(K.eye(4), axis=0)|K.dot(x, K.eye(4))|K.dot(x, K.eye(4, dtype='float32'))|K.dot(x, K.eye(size=4))}",
    "arange | f4 | x + K.cast(K.arange({4|0, 4|1, 5|start=4, stop=0, step=-1|0, 8, 2|0, stop=4, dtype='int32'}), 'float32')",
    "arange | f4 | x * K.arange({0, 4, dtype='float32'|4, dtype='float32'|0., 2., 0.5, dtype='float32'})",
    "arange | i4 | x + K.arange({4|-2, 2})",
    "epsilon | f4 | x + {K.epsilon()|1000 * K.epsilon()|K.epsilon() * 1e7}",
    "floatx | i4 | K.cast(x, K.floatx())",
    "image_data_format | f2,3,4 | K.mean(x, axis=(1 if K.image_data_format() == 'channels_first' else 3))",
    "image_dim_ordering | f2,3,4 | K.mean(x, axis=(1 if K.image_dim_ordering() == 'th' else 3))",
    "backend | f4 | x * (2 if K.backend() == 'tensorflow' else 3)",
    "is_sparse | f4 | x * (3 if K.is_sparse(x) else 2)",
    "is_tensor | f4 | x * (2 if K.is_tensor(x) else 3)",
    "to_dense | f4 | K.to_dense(x)",
    "count_params | f4 | x * K.count_params(K.ones((2, 3)))",
    "get_variable_shape | f4 | x * K.get_variable_shape(K.variable([1., 2., 3.]))[0]",
    # Choosing.
    "switch | {f4|f3,4|e30} | K.switch({x > 0|K.greater(x, 0.5)|K.less(x, 0)}, x, {K.zeros_like(x)|-x|x * 2.0})",
    "switch | f3,4; g3,4 | K.switch({x[0] > 0, x[0], x[1]|K.equal(x[0], x[1]), x[1], x[0]})",
    "switch | {f3; g3,4|f1; g3} | K.switch(x[0] > 0, x[1], -x[1])",
    "switch | {f4; g4} | K.switch({K.sum(x[0]) > 0|K.mean(x[1]) > 100.0}, x[0], x[1])",
    "switch | f4; g4 | K.switch(x[0][:, 0] > 0, x[0], x[1])",
    "switch | f4 | K.switch({K.sum(x) > 0|K.sum(x) < 0}, {x|lambda: x * 2.0}, {x - 1.0|lambda: x * 3.0})",
    "switch | f4 | K.switch({K.constant(1) > 0|K.cast(1, 'bool')|True}, x, -x)",
    "switch | i4 | K.switch(K.greater(x, 2), x, K.zeros_like(x))",
    "switch | b4; f4; g4 | K.switch(x[0], x[1], x[2])",
    "in_train_phase | f4 | {K.in_train_phase(x * 2, x)|K.in_train_phase(lambda: x * 2, x)|K.in_train_phase(x, lambda: x * 3)|K.in_train_phase(x * 2, x, training=0)|K.in_train_phase(x * 2, x, training=1)}",
    "in_test_phase | f4 | {K.in_test_phase(x * 2, x)|K.in_test_phase(lambda: x * 2, x)|K.in_test_phase(x * 2, x, training=1)}",
    "learning_phase | f4 | x * (1 - K.cast(K.learning_phase(), 'float32'))",
    "dropout | f4 | {K.in_train_phase(K.dropout(x, 0.5), x)|K.dropout(x, 0.0)}",
    # Loops.
    "map_fn | f4 | K.map_fn(lambda t: {t * 2.0|K.sum(t)|K.square(t) + 1.0}, x)",
    "map_fn | f3,4 | K.map_fn(lambda t: {K.sum(t, axis=0)|K.transpose(t)}, x)",
    "map_fn | f4; g4 | K.map_fn(lambda t: t[0] + t[1], (x[0], x[1]), dtype='float32')",
    "{foldl|foldr} | f4 | K.$1(lambda a, t: {a + t|a * 0.5 + t}, x)",
    "{foldl|foldr} | f4 | K.$1(lambda a, t: a + t, x, initializer=K.zeros((4,)))",
    "foldl | f3,4 | K.foldl(lambda a, t: a + K.sum(t), K.permute_dimensions(x, (1, 0, 2)), K.zeros((4,)))",
    "rnn | f3,4 | K.rnn(lambda t, s: ({t + s[0], [t + s[0]]|t * 2 + s[0] * 0.5, [t]}), x, [x[:, 0]])[{0|1}]",
    "rnn | f3,4 | K.rnn(lambda t, s: (t + s[0], [t + s[0]]), x, [K.zeros_like(x[:, 0])], {go_backwards=True|unroll=True, input_length=3|mask=x[:, :, 0] > 0})[{0|1}]",
    "rnn | f3,4 | K.rnn(lambda t, s: (t + s[0], [t * 0.5 + s[0]]), x, [K.zeros_like(x[:, 0])])[2][0]",
    # Losses and measures.
    "categorical_crossentropy | u4; w4 | K.categorical_crossentropy({x[0], x[1]|x[0], x[1], from_logits=False|target=x[0], output=x[1]})",
    "categorical_crossentropy | {u4; f4|u3,4; f3,4} | K.categorical_crossentropy(x[0], x[1], {from_logits=True|True})",
    "categorical_crossentropy | u3,4; w3,4 | K.categorical_crossentropy(x[0], x[1]{|, axis=-1|, axis=1})",
    "sparse_categorical_crossentropy | {k1; u5|k; u5} | K.sparse_categorical_crossentropy(x[0], x[1]{|, from_logits=True})",
    "sparse_categorical_crossentropy | k3; u3,5 | K.sparse_categorical_crossentropy(x[0], x[1]{|, from_logits=True|, axis=-1})",
    "binary_crossentropy | {u4; w4|u3,4; w3,4} | K.binary_crossentropy({x[0], x[1]|target=x[0], output=x[1]|x[0], x[1], from_logits=False})",
    "binary_crossentropy | {u4; f4|u4; e4} | K.binary_crossentropy(x[0], x[1], {from_logits=True|True})",
    "binary_crossentropy | u30; e30 | K.binary_crossentropy(x[0], K.sigmoid(x[1] / 5.0))",
    "categorical_crossentropy | u30; e30 | K.categorical_crossentropy(x[0], {K.softmax(x[1])|K.softmax(x[1]) * 1.0})",
    "sparse_categorical_crossentropy | k1; e30 | K.sparse_categorical_crossentropy(x[0], {K.softmax(x[1])|K.softmax(x[1]) * 1.0})",
    # At 1 - epsilon the graph optimizer of TensorFlow 1.15 adds in another order, which float32 shows.
    "binary_crossentropy | u30; e30 | K.binary_crossentropy(x[0], K.minimum(x[1], 0.75))",
    "in_top_k | f5; k | K.in_top_k(x[0], x[1], {1|2|k=3})",
    "batch_normalization | f4 | K.batch_normalization(x, {K.constant([0.5, 0., 1., -1.]), K.constant([1., 2., 3., 0.5]), K.constant([0., 1., 2., 3.]), K.constant([1., 1., 2., 0.5])|0., 1., 0.5, 2., epsilon=0.1|0., 1., 0.5, 2., 0.1})",
    "batch_normalization | f2,3,4 | K.batch_normalization(x, K.constant([0.5, 0., 1., -1.]), K.constant([1., 2., 3., 0.5]), K.constant([0., 1., 2., 3.]), K.constant([1., 1., 2., 0.5]){|, epsilon=0.01|, axis=-1, epsilon=0.2})",
    "batch_normalization | f3,4 | K.batch_normalization(x, K.mean(x, axis=[0, 1]), K.var(x, axis=[0, 1]), K.zeros((4,)), K.ones((4,)){|, epsilon=1e-2})",
    "normalize_batch_in_training | f4 | K.normalize_batch_in_training(x, K.ones((4,)), K.zeros((4,)), [0]{|, epsilon=0.1})[0]",
    "ctc_label_dense_to_sparse | f4 | x",
    # Windows.
    "bias_add | {f4|f3,4|f2,3,4|f2,3,2,4} | K.bias_add(x, K.constant([1., 2., 3., 4.]){|, data_format='channels_last'})",
    "bias_add | {f4,3|f4,2,3|f4,2,3,2} | K.bias_add(x, K.constant([1., 2., 3., 4.]), {'channels_first'|data_format='channels_first'})",
    "bias_add | f3,4 | K.bias_add(x, K.reshape(K.arange(0, 12, dtype='float32'), (3, 4)))",
    "bias_add | f4,3 | K.bias_add(x, K.reshape(K.arange(0, 12, dtype='float32'), (3, 4)), 'channels_first')",
    "conv1d | f6,2 | K.conv1d(x, K.reshape(K.arange(0, 18, dtype='float32'), (3, 2, 3)) / 10.0{|, padding='same'|, strides=2|, 2, 'same'|, padding='causal'|, dilation_rate=2|, padding='causal', dilation_rate=2|, padding='same', dilation_rate=2|, 1, 'valid', 'channels_last'|, data_format='channels_first'})",
    "conv2d | f5,6,2 | K.conv2d(x, K.reshape(K.arange(0, 36, dtype='float32'), (3, 3, 2, 2)) / 10.0{|, padding='same'|, strides=(2, 2)|, (2, 1), 'same'|, dilation_rate=(2, 2)|, padding='same', dilation_rate=(2, 1)})",
    "conv2d | f5,6,2 | K.conv2d(x, K.reshape(K.arange(0, 16, dtype='float32'), (2, 2, 2, 2)) / 10.0{, padding='same'|, (2, 2), 'same'})",
    "conv2d | f2,5,6 | K.conv2d(x, K.reshape(K.arange(0, 16, dtype='float32'), (2, 2, 2, 2)) / 10.0, {data_format='channels_first'|(2, 2), 'same', 'channels_first'})",
    "conv3d | f3,4,3,2 | K.conv3d(x, K.reshape(K.arange(0, 32, dtype='float32'), (2, 2, 2, 2, 2)) / 10.0{|, padding='same'|, strides=(1, 2, 1)|, (2, 2, 2), 'same'})",
    "conv2d_transpose | f3,3,2 | K.conv2d_transpose(x, K.reshape(K.arange(0, 36, dtype='float32'), (3, 3, 2, 2)) / 10.0, {(K.shape(x)[0], 6, 6, 2), (2, 2), 'same'|(K.shape(x)[0], 5, 5, 2)|(3, 6, 6, 2), strides=(2, 2), padding='same'})",
    "depthwise_conv2d | f5,6,2 | K.depthwise_conv2d(x, K.reshape(K.arange(0, 36, dtype='float32'), (3, 3, 2, 2)) / 10.0{|, padding='same'|, strides=(2, 2)|, (2, 2), 'same'|, dilation_rate=(2, 2)})",
    "separable_conv2d | f5,6,2 | K.separable_conv2d(x, K.reshape(K.arange(0, 36, dtype='float32'), (3, 3, 2, 2)) / 10.0, K.reshape(K.arange(0, 12, dtype='float32'), (1, 1, 4, 3)) / 10.0{|, padding='same'|, strides=(2, 2)|, (2, 2), 'same'|, dilation_rate=(2, 2)})",
    "separable_conv1d | f6,2 | K.separable_conv1d(x, K.reshape(K.arange(0, 12, dtype='float32'), (3, 2, 2)) / 10.0, K.reshape(K.arange(0, 12, dtype='float32'), (1, 4, 3)) / 10.0{|, padding='same'|, strides=2})",
    "pool2d | f5,6,2 | K.pool2d(x, (2, 2){|, (2, 2)|, strides=(2, 2), padding='same'|, pool_mode='avg'|, (2, 1), 'same', pool_mode='avg'|, (2, 2), 'valid', 'channels_last', 'max'|, padding='same'})",
    "pool2d | f5,6,2 | K.pool2d(x, {(3, 2), strides=(2, 3), pool_mode='avg', padding='same'|pool_size=(3, 3), padding='same', strides=(1, 1)|(2, 2), strides=(2, 2), data_format='channels_last'})",
    "pool2d | f2,5,6 | K.pool2d(x, (2, 2){, (2, 2), data_format='channels_first'|, strides=(1, 2), padding='same', data_format='channels_first', pool_mode='avg'})",
    "pool3d | f3,4,3,2 | K.pool3d(x, (2, 2, 2){|, (2, 2, 2)|, strides=(1, 2, 1), padding='same'|, (2, 2, 2), 'same', pool_mode='avg'})",
    "local_conv1d | f5,2 | K.local_conv1d(x, K.reshape(K.arange(0, 36, dtype='float32'), (3, 6, 2)) / 10.0, (3,), (1,))",
    "local_conv2d | f3,4,2 | K.local_conv2d(x, K.reshape(K.arange(0, 96, dtype='float32'), (6, 8, 2)) / 10.0, (2, 2), (1, 1), (2, 3))",
    # Noise, which no conversion keeps.
    "random_normal | f4 | x + 0 * K.random_normal((4,))",
    "random_uniform | f4 | x + 0 * K.random_uniform((4,), 0., 1.)",
    "random_binomial | f4 | x + 0 * K.random_binomial((4,), 0.5)",
    "truncated_normal | f4 | x + 0 * K.truncated_normal((4,))",
    # Python's operators on tensors, which changed their meaning with TensorFlow 2.
    "operator | {f4|e30} | {x == x|x != x|x > 0.5|x <= 0|-x|abs(x)|x ** 2|2 ** x|1 / (x + 200)|1 - x}",
    "operator | f3,4 | {x // 0.5|x % 0.75|x % -0.75|-x // 0.75}",
    "operator | f4; g4 | {x[0] == x[1]|x[0] @ K.transpose(x[1])|x[0] / x[1]|x[0] % x[1]|x[0] // x[1]}",
    "operator | i4; j4 | {x[0] / (x[1] + 1)|x[0] // (x[1] + 1)|x[0] % (x[1] + 1)|x[0] * x[1]}",
    "operator | {f3,4|f2,3,4} | {x[:, 0]|x[:, -1]|x[:, 1:]|x[..., 0]|x[..., ::-1]|x[:, :, None]|x[:, ::2]|x[0]|x[1:]|x[:, -2:, 1:3]|x[:, ::-1]}",
    # TensorFlow's own, where its meaning is the author's.
    "tf.where | f4; g4 | tf.where({x[0] > 0, x[0], x[1]|x[0][:, 0] > 0, x[0], x[1]|K.sum(x[0]) > 0, x[0], x[1]})",
    "tf.where | f3,4; g3,4 | tf.where({x[0] > 0, x[0], x[1]|x[0][:, 0, 0] > 0, x[0], x[1]|x[0][:, :, :1] > 0, x[0], x[1]})",
    "tf.reduce | f3,4 | tf.{reduce_sum|reduce_mean|reduce_max|reduce_min|reduce_prod|reduce_logsumexp}(x{|, 1|, axis=[1, 2]|, axis=-1, keepdims=True|, axis=-1, keep_dims=True|, reduction_indices=[1]})",
    "tf.argmax | f3,4 | tf.{argmax|argmin}(x{|, 1|, axis=-1|, dimension=2})",
    "tf.nn | f3,4 | tf.nn.{relu|relu6|elu|selu|softplus|softsign|tanh|sigmoid|softmax|log_softmax|leaky_relu|l2_loss|swish|crelu}(x)",
    "tf.nn | f3,4 | tf.nn.{softmax(x, 1)|softmax(x, axis=-2)|softmax(x, dim=1)|log_softmax(x, axis=1)|l2_normalize(x, 1)|l2_normalize(x, axis=-1)|l2_normalize(x, dim=1)|leaky_relu(x, 0.3)|bias_add(x, K.ones((4,)))|moments(x, [1])[1]|moments(x, axes=[1], keep_dims=True)[0]|dropout(x, 1.0)}",
    "tf.math | p3,4 | tf.{log|exp|sqrt|rsqrt|square|floor|ceil|sin|tan|acos|lgamma|erf|log1p|expm1|reciprocal|digamma}(x)",
    "tf.math | p3,4 | tf.math.{log|exp|sqrt|rsqrt|square|floor|ceil|erf|log1p|expm1|reciprocal|softplus}(x)",
    "tf.math | f3,4; g3,4 | tf.{add|subtract|multiply|divide|div|maximum|minimum|mod|floormod|floordiv|floor_div|truediv|realdiv|squared_difference|atan2|greater|equal|not_equal}(x[0], x[1])",
    "tf.math | f3,4; g3,4 | tf.math.{add|subtract|multiply|divide|maximum|mod|floormod|floordiv|squared_difference|divide_no_nan|greater|equal}(x[0], x[1])",
    "tf.shape | f3,4 | tf.{reshape(x, [-1, 12])|transpose(x, [0, 2, 1])|transpose(x, perm=[0, 2, 1])|expand_dims(x, 1)|expand_dims(x, dim=2)|squeeze(x[:, :1], 1)|squeeze(x[:, :1], squeeze_dims=[1])|squeeze(x[:, :1], axis=[1])|concat([x, x], 1)|concat([x, x], axis=-1)|stack([x, x], axis=1)|unstack(x, axis=1)[0]|split(x, 2, 2)[1]|split(x, [1, 3], axis=-1)[1]|tile(x, [1, 2, 1])|reverse(x, [1])|pad(x, [[0, 0], [1, 0], [0, 2]])|pad(x, [[0, 0], [1, 1], [2, 2]], 'REFLECT')|gather(x, [1, 0], axis=1)|gather(x, [0, 2])|slice(x, [0, 1, 0], [-1, 1, 2])|cumsum(x, 1)|cumsum(x, axis=1, exclusive=True)|cumsum(x, axis=1, reverse=True)|cumprod(x, axis=-1)|clip_by_value(x, -1., 1.)|norm(x, axis=1)|norm(x, axis=-1, keepdims=True)|norm(x, axis=-1, keep_dims=True)|cast(x, tf.int32)|to_float(x)|to_int32(x)|identity(x)|zeros_like(x)|ones_like(x)|abs(x)|sign(x)|round(x)|add_n([x, x])|one_hot(tf.cast(x[:, 0] > 0, tf.int32), 3)|matrix_transpose(x)|matmul(x, x, transpose_b=True)|tensordot(x, K.ones((4, 2)), [[2], [0]])|einsum('bij->bji', x)|stop_gradient(x)|count_nonzero(x, axis=1)|boolean_mask(x, [True, False, True], axis=1)|linalg.norm(x, axis=1)|roll(x, 1, 1)|map_fn(lambda t: t * 2.0, x)|cond(tf.reduce_sum(x) > 0, lambda: x, lambda: -x)}",
    "tf.image | f4,6,3 | tf.image.{resize(x, [8, 9])|resize(x, (3, 5))|resize(x, (8, 8), method='nearest')|resize_images(x, (8, 9))|resize_images(x, [3, 5])|resize_images(x, (8, 9), tf.image.ResizeMethod.NEAREST_NEIGHBOR)|resize_images(x, (8, 9), align_corners=True)|resize_bilinear(x, (8, 9))|resize_nearest_neighbor(x, (8, 9))|resize_bilinear(x, (8, 9), align_corners=True)|flip_left_right(x)|flip_up_down(x)|rgb_to_grayscale(x)|central_crop(x, 0.5)|per_image_standardization(x)|crop_to_bounding_box(x, 0, 1, 2, 3)|adjust_brightness(x, 0.1)|adjust_contrast(x, 2.0)|rot90(x)|transpose(x)}",
    "tf.nn.image | f4,6,4 | tf.{space_to_depth(x, 2)|depth_to_space(x, 2)|nn.space_to_depth(x, 2)|nn.depth_to_space(x, 2)|nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'SAME')|nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], 'VALID')|nn.max_pool(x, ksize=[1, 3, 3, 1], strides=[1, 1, 1, 1], padding='SAME')|nn.avg_pool(x, ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding='SAME')|extract_image_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], 'VALID')|nn.lrn(x)|nn.local_response_normalization(x, 2)|nn.top_k(x, 2)[0]|nn.top_k(x, k=2)[1]}",
]  # fmt: skip


def expand(text):
    """All texts of a template; `$1` repeats what the first braces became."""
    parts = re.split(r"\{([^{}]*)\}", text)
    choices = [part.split("|") if n % 2 else [part] for n, part in enumerate(parts)]
    for chosen in itertools.product(*choices):
        yield "".join(chosen).replace("$1", chosen[1] if len(chosen) > 1 else "")


def rows():
    """(function, inputs, source) in the order of the table; each once."""
    seen = set()
    for template in TABLE:
        for line in expand(_parted(template)):
            function, inputs, source = (part.strip() for part in line.split("\x01"))
            key = (inputs, source)
            if key not in seen:
                seen.add(key)
                yield function, tuple(i.strip() for i in inputs.split(";") if i.strip()), source


def _parted(template):
    """The two bars that part the columns are those outside of braces."""
    depth, found = 0, []
    for character in template:
        depth += (character == "{") - (character == "}")
        found.append("\x01" if character == "|" and not depth else character)
    return "".join(found)


def cases():
    """(name, function, inputs, source); a name is the function and a number."""
    count = {}
    for function, inputs, source in rows():
        count[function] = count.get(function, 0) + 1
        yield "%s-%d" % (function, count[function]), function, inputs, source


def values(spec, place, batch=3):
    """Input values, from the kind and the place of the input alone; exact in float32."""
    import numpy as np

    kind, extents = spec[0], [int(n) for n in spec[1:].split(",") if n]
    shape = [batch] + extents
    size = int(np.prod(shape))
    counted = (np.arange(size, dtype=np.int64) * 7919 + 1047 * (place + 1)) % 2003
    flat = KINDS[kind](np, counted, size)
    return flat.reshape(shape)


EDGES = (
    -100.0, -20.0, -6.0, -3.0, -2.5, -1.5, -1.0, -0.75, -0.5, -0.25, -0.0, 0.0, 1e-8, 0.125, 0.25, 0.5, 0.625, 1.0, 1.5,
    2.0, 2.5, 3.0, 3.5, 6.0, 6.5, 20.0, 80.0, 1e-30, -1e-30, 0.75,
)  # fmt: skip
KINDS = {
    "f": lambda np, n, size: (n / 500.0 - 2.0).astype("float32"),
    # Some are equal to those of "f".
    "g": lambda np, n, size: np.where(
        np.arange(size) % 3 == 0, (n - 1047) % 2003 / 500.0 - 2.0, n / 400.0 - 2.5
    ).astype("float32"),
    "p": lambda np, n, size: (n / 2100.0 + 0.02).astype("float32"),
    "u": lambda np, n, size: (n / 2100.0 + 0.02).astype("float32"),
    "w": lambda np, n, size: (n / 2050.0 + 0.01).astype("float32"),
    "t": lambda np, n, size: (n * 1e-9).astype("float32"),
    "e": lambda np, n, size: np.resize(np.array(EDGES, "float32"), size),
    "i": lambda np, n, size: (n % 5).astype("int32"),
    "j": lambda np, n, size: (n % 7 - 3).astype("int32"),
    "k": lambda np, n, size: (n % 5).astype("int32"),
    "b": lambda np, n, size: n % 3 > 0,
}
DTYPES = {"i": "int32", "j": "int32", "k": "int32", "b": "bool"}
