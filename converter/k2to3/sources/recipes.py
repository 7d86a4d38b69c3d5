"""What to do with a file that k2to3 does not read, in commands that can be pasted."""

from __future__ import annotations

SAVED_MODEL = (
    "with tf-keras (pip install tf-keras), run "
    'python -c \'import tf_keras; tf_keras.models.load_model("PATH").save("model.h5")\', then convert model.h5'
)
FOLDER = "convert its folder: k2to3 convert PATH NEW.keras"
CHECKPOINT = (
    "it holds weights without an architecture; what TensorFlow 2 wrote converts with --architecture (name the .index "
    "file, and keep its .data files beside it); otherwise, with tf-keras, build the model in your own code, run "
    'model.load_weights("PATH").expect_partial() and model.save("model.h5"), '
    "then convert model.h5"
)
BATCH = "k2to3 batch PATH --out converted/ converts every checkpoint below a folder"
DOWNLOAD = "open it in an editor: it says what went wrong; then download the file itself"
GRAPH = (
    "it holds a graph of operations and no layers, so there is no Keras model in it to convert; Keras 3 can call it "
    'as it is on TensorFlow: keras.layers.TFSMLayer("PATH", call_endpoint="serving_default")'
)
FROZEN = (
    "it holds a graph of operations and no layers, so there is no Keras model in it to convert; convert the .h5 "
    "file or the SavedModel folder that it was frozen from; TensorFlow runs it as it is: tf.graph_util.import_graph_def"
)
TFLITE = "it holds compiled operations and no layers; convert the Keras file that it was made from"
TFJS = (
    "with tensorflowjs, run tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras "
    "model.json model.h5, then convert model.h5"
)
PICKLE = (
    "it can run code when it is loaded, so k2to3 never does; where you trust it, load it in the old environment and "
    'save the model itself with model.save("model.h5")'
)
FOREIGN = "another framework wrote it; only checkpoints of Keras are read"
ARRAYS = 'arrays without names of layers; set them in your own model with set_weights and model.save("model.h5")'
SAFETENSORS = "weights without an architecture of Keras 2; convert the Keras file that they come from"
ARCHITECTURE = "give it with --architecture together with the weights file"
UNPACK = "unpack it and convert what is inside"
