"""Hints about layers."""

from __future__ import annotations

from ways import Way, called, dense, dense_weights, file, functional, layer, with_file

LSTM = {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)}
GRU = {"kernel": (4, 24), "recurrent_kernel": (8, 24)}
CELLS = {f"cell_{i}": {"name": f"cell_{i}", "units": 3, "use_bias": True} for i in (1, 2)}
MINE = 'import k2to3\n@k2to3.rule(\'{name}\', origin=\'mine\')\ndef mine(context):\n    """Mine."""\n' + (
    "    for key in list(context.config.keys()): context.config.ignore(key)\n"
    "    return k2to3.Native(context.layer('Identity', {}))\n"
)


def mine(name: str, *layers, **options):
    """A file beside a rule of the user's for a class of that name."""
    return with_file(file(*layers, **options), "rules.py", MINE.replace("{name}", name))


def lstm(class_name="LSTM", steps=5, **config):
    given = {"units": 3, "use_bias": True, "recurrent_activation": "sigmoid", **config}
    return layer(class_name, steps, 4, **given)


def gru(after):
    return layer("GRU", 5, 4, units=8, use_bias=True, reset_after=after, recurrent_activation="sigmoid")


SIMPLE = layer("SimpleRNN", name="rnn", units=3)
PLAIN = {"kernel": (4, 3), "recurrent_kernel": (3, 3), "bias": (3,)}
RULES = {"rules": ["{folder}/rules.py"]}
BATCH_NORM = {"gamma": (4,), "beta": (4,), "moving_mean": (4,), "moving_variance": (4,)}
ODD = {"activation": "hard_sigmoid"}

WAYS = [
    Way("rules/core/core.py:_check_width",
        file(layer("Conv2D", name="it", filters=2, kernel_size=[1, 1]), layer("Flatten", name="flat"), dense(),
             weights={"it": {"kernel": (1, 1, 1, 2), "bias": (2,)}, "dense": dense_weights(8)}, version="2.2.4"),
        {"input_shape": "2,2,1"}),
    Way("rules/core/inputs.py:_from_kernel", file(layer("Flatten"), dense(), weights={"dense": dense_weights(4)},
                                                  version="2.2.4"), {"input_shape": "2,2"}),
    Way("rules/core/ragged.py:check_ragged_shape", file(layer("InputLayer", 4, name="in", ragged=True), layer("ReLU")),
        mended=file(layer("InputLayer", 4, name="in"), layer("ReLU")), said="a dense input"),
    Way("rules/core/ragged.py:_check_taken",
        file(layer("InputLayer", None, 4, name="in", ragged=True), layer("Softmax")),
        mended=file(layer("InputLayer", None, 4, name="in"), layer("Softmax")), said="padded rows"),
    Way("rules/common.py:_authors",
        file(dense("it", 3, 4, kernel_regularizer={"class_name": "Mine", "config": {}}),
             weights={"it": dense_weights(4)}), {"drop": ["Mine"]}),
    Way("rules/training_flag.py:training_setting",
        file(architecture=functional({"in": (4,)}, called(layer("Dropout", rate=0.5), "in", training=True),
                                     outputs=["it"])), {"accept_noise_off": True}),
    Way("rules/normalization/normalization.py:_freeze",
        file(layer("BatchNormalization", 4, axis=[1], freeze=False), weights={"it": BATCH_NORM}),
        mended=file(layer("BatchNormalization", 4, axis=[1], freeze=True), weights={"it": BATCH_NORM}),
        said="freeze=True"),
    Way("rules/activations/activation.py:_unknown/2", file(layer("Activation", 4, activation="mine")),
        {"lambdas": ["mine=lambda x: x * 2"]}),
    Way("rules/activations/activation.py:_unknown/2", file(layer("Activation", 4, activation="gelu"), version="2.2.4"),
        {"lambdas": ["gelu=lambda x: x * K.sigmoid(1.702 * x)"]}),
    Way("keras2/since.py:check_age",
        file(layer("LayerNormalization", 4, axis=[1]), weights={"it": {"gamma": (4,), "beta": (4,)}}, version="2.2.4"),
        {"treat_as": ["LayerNormalization=LayerNormalization"]}),
    Way("matching/slots.py:check_names", file(dense("it", 3, 4), weights={"it": {"kernel": (4, 3), "mine": (3,)}}),
        {"treat_as": ["Dense=Dense"]}),
    Way("rules/unknown.py:unsupported/2", mine("Mystery", layer("Mystery", 4)), RULES),
    Way("rules/third_party/small.py:bias", mine("Bias", layer("Bias", 4)), RULES),
    Way("rules/third_party/keras_tcn.py:tcn", mine("TCN", layer("TCN", 5, 4)), RULES),
    Way("rules/third_party/addons.py:weight_normalization",
        mine("Addons>WeightNormalization", layer("Addons>WeightNormalization", 4,
                                                  layer=layer("LSTM", units=2))), RULES),
    Way("rules/refused.py:_refuse", file(layer("DynamicLookup", 1)),
        mended=file(layer("IntegerLookup", 1, dtype="int64", vocabulary=[1, 2], oov_token=-1, mask_token=None,
                          output_mode="int", num_oov_indices=1), version="2.15.0"), said="StringLookup"),
    Way("rules/pooling/pooling.py:_forgotten",
        file(layer("UpSampling2D", 4, 4, 1, size=[2, 2], data_format="channels_last"), version="2.2.4-tf"),
        {"treat_as": ["UpSampling2D=UpSampling2D"]}),
    Way("rules/preprocessing/categories.py:hashing",
        file(layer("Hashing", 1, num_bins=4, salt=[0xDECAFCAFFE] * 2, dtype="int64"), version="2.4.0"),
        mended=file(layer("Hashing", 1, num_bins=4, salt=[1, 2], dtype="int64"), version="2.4.0"), said="salt"),
    Way("rules/preprocessing/lookup.py:vocabulary",
        with_file(file(layer("StringLookup", 1, dtype="string", vocabulary="/x/words.txt", mask_token=None,
                             oov_token="[UNK]", num_oov_indices=1, output_mode="int"), version="2.15.0"),
                  "words.txt", "one\ntwo\n"), {"vocabularies": ["it={folder}/words.txt"]}),
    Way("rules/preprocessing/lookup.py:text_vectorization",
        file(layer("TextVectorization", 1, dtype="string", vocabulary=["", "[UNK]", "a"], output_mode="int",
                   split="whitespace", standardize=None, ragged=True), version="2.15.0"),
        mended=file(layer("TextVectorization", 1, dtype="string", vocabulary=["", "[UNK]", "a"], output_mode="int",
                          split="whitespace", standardize=None, ragged=False), version="2.15.0"), said="ragged=False"),
    Way("rules/preprocessing/resize.py:needs_extents",
        file(layer("Resizing", None, None, 1, height=4, width=4, interpolation="gaussian"), version="2.15.0"),
        {"input_shape": "8,8,1"}),
    Way("rules/preprocessing/resize.py:needs_floats",
        file(layer("Resizing", 8, 8, 1, height=4, width=4, interpolation="gaussian", dtype="uint8"), version="2.15.0"),
        mended=file(layer("Resizing", 8, 8, 1, height=4, width=4, interpolation="gaussian"), version="2.15.0"),
        said="float32"),
    Way("rules/rnn/conv_lstm.py:_refuse_open_space",
        file(layer("ConvLSTM2D", 3, None, None, 1, filters=2, kernel_size=[1, 1], use_bias=False,
                   recurrent_activation="sigmoid"),
             weights={"it": {"kernel": (1, 1, 1, 8), "recurrent_kernel": (1, 1, 2, 8)}}), {"input_shape": "3,6,6,1"}),
    Way("rules/rnn/recurrent.py:_refuse_constants", mine("RNN", layer("RNN", 5, 4, num_constants=1, cell={
        "class_name": "Mine", "config": {"name": "c"}})), RULES),
    Way("rules/rnn/unrolled.py:_steps", file(lstm(steps=None, **ODD), weights={"it": LSTM}), {"input_shape": "5,4"}),
    Way("rules/rnn/stateful.py:refuse_open_state", file(lstm(stateful=True), weights={"it": LSTM}),
        mended=file(lstm(stateful=True, batch=2), weights={"it": LSTM}), said="batch_input_shape"),
    Way("rules/rnn/recurrent_cells.py:_variables",
        file(gru(True), weights={"it": {**GRU, "bias": (24,)}}),
        mended=file(gru(False), weights={"it": {**GRU, "bias": (24,)}}), said="say reset_after=False there"),
    Way("rules/rnn/recurrent_cells.py:read_cell",
        file(layer("RNN", 5, 4, cell={"class_name": "StackedRNNCells", "config": {"cells": [
            {"class_name": "LSTMCell", "config": {"name": "c"}}]}}), weights={"it": LSTM}, version="2.0.9"),
        mended=file(layer("RNN", 5, 4, cell={"class_name": "StackedRNNCells", "config": {"cells": [
            {"class_name": "LSTMCell", "config": {"name": "c", "units": 3, "recurrent_activation": "sigmoid"}}]}}),
            weights={"it": LSTM}, version="2.0.9"), said="--architecture"),
    Way("rules/language.py:weight",
        file(layer("Conv2D", 2, 6, 6, filters=4, kernel_size=[3, 3], data_format="channels_last"),
             weights={"it": {"kernel": (3, 3, 2, 4), "bias": (4,)}}),
        mended=file(layer("Conv2D", 2, 6, 6, filters=4, kernel_size=[3, 3], data_format="channels_first"),
                    weights={"it": {"kernel": (3, 3, 2, 4), "bias": (4,)}}), said="data_format='channels_first'"),
    *(Way("rules/unknown.py:unsupported/2", file(architecture=functional(
        {"in": (4,)}, called(dense(), "in"), called(layer(head), "dense"), outputs=["it"]),
        weights={"dense": dense_weights(4)}), {"outputs": ["dense"]})
      for head in ("CRF", "ArcFace", "FilterDetections")),
    Way("rules/unknown.py:unsupported/2", file(layer("BatchNorm", 4, axis=[1]), weights={"it": BATCH_NORM}),
        {"treat_as": ["BatchNorm=mask_rcnn>BatchNorm"]}),
    Way("rules/unknown.py:unsupported/2", file(layer("QuantizeWrapperV2", 4)), mended=file(layer("ReLU", 4)),
        said="as it was before"),
    Way("rules/activations/activation.py:_unknown",
        file(layer("MultiHeadAttention", 5, 4, head_num=2, history_only=False, activation="gelu", use_bias=False),
             weights={"it": {f"it_W{letter}": (4, 4) for letter in "qkvo"}}),
        {"lambdas": ["gelu=lambda x: 0.5 * x * (1 + tf.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))"]}),
    Way("rules/third_party/qkeras/quantizers.py:not_understood",
        file(layer("QActivation", 4, activation="bernoulli()")),
        {"lambdas": ["it=lambda x: tf.round(x * 8) / 8"]}),
    Way("rules/third_party/qkeras/quantizers.py:not_understood/2",
        file(layer("QDense", 4, units=3, use_bias=False, kernel_quantizer="bernoulli()"),
             weights={"it": {"kernel": (4, 3)}}),
        mended=file(layer("QDense", 4, units=3, use_bias=False, kernel_quantizer="binary()"),
                    weights={"it": {"kernel": (4, 3)}}), said="--rules"),
    Way("rules/unknown.py:unsupported/2", file(layer("Extract", 4, 3, index=0)),
        {"treat_as": ["Extract=keras_bert>Extract"]}),
    Way("rules/third_party/pruning.py:prune_low_magnitude/2",
        file(layer("PruneLowMagnitude", 5, 4, layer=SIMPLE), weights={"it": {**PLAIN, "mask": (4, 3)}}),
        mended=file(layer("SimpleRNN", 5, 4, units=3), weights={"it": PLAIN}), said="strip_pruning"),
    Way("rules/third_party/pruning.py:prune_low_magnitude",
        file(layer("PruneLowMagnitude", 5, 4, layer=SIMPLE), weights={"it": {**PLAIN, "more": (3, 3)}}),
        mended=file(layer("SimpleRNN", 5, 4, units=3), weights={"it": PLAIN}), said="strip_pruning"),
    Way("rules/third_party/pruning.py:_inner",
        file(layer("PruneLowMagnitude", 5, 4, layer=SIMPLE),
             weights={"it": {**PLAIN, "a/mask": (4, 3), "b/mask": (3, 3)}}),
        mended=file(layer("SimpleRNN", 5, 4, units=3), weights={"it": PLAIN}), said="strip_pruning"),
]  # fmt: skip
