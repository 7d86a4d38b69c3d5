"""A SavedModel folder that Keras 2 wrote, as a checkpoint.

Source: keras/saving/saved_model/{save,load}.py of TensorFlow 2.0 to tf-keras 2.21. The graphs of operations in it are
skipped, never read.
"""

from __future__ import annotations

from pathlib import Path

from k2to3.errors import Damaged, K2to3Error, NothingToDo, NotKeras2, Refused
from k2to3.limits import DEFAULT, Limits
from k2to3.options.records import SILENT, Said
from k2to3.sources import recipes
from k2to3.sources.author import Writer
from k2to3.sources.authorship import Evidence, author
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.json_text import Json
from k2to3.sources.saved_model.bundle import Bundle, read_bundle
from k2to3.sources.saved_model.constants import constant_table
from k2to3.sources.saved_model.folder import MODEL, OpenedFolder
from k2to3.sources.saved_model.layers import Variables, layer_nodes, stored_keys, weight_groups
from k2to3.sources.saved_model.messages import Node, trackable_nodes
from k2to3.sources.saved_model.object_graph import KERAS, read_object_graph
from k2to3.sources.saved_model.optimizer import optimizer_arrays
from k2to3.sources.saved_model.vocabularies import Tables

METADATA, INDEX = "keras_metadata.pb", "variables/variables.index"
HUB = "tfhub_module.pb"
OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
MODELS = ("_tf_keras_network", "_tf_keras_sequential", "_tf_keras_model")
SUBCLASSED = (
    "its architecture is Python code that no file holds; write it as a Functional model in the old environment, copy "
    "the weights with set_weights, and save that"
)


def read_saved_model(path: Path, limits: Limits = DEFAULT, said: Said = SILENT) -> Checkpoint:
    """Open a SavedModel folder.

    Raises:
        NotKeras2: not of Keras. NothingToDo: of Keras 3. UnsafeFile: a hostile one.
    """
    folder = OpenedFolder(path, path)
    try:
        found = _checkpoint(folder, limits, said)
        folder.check_unchanged()
        return found
    except K2to3Error as error:
        folder.close()
        hint = error.hint or (recipes.SAVED_MODEL if isinstance(error, Damaged) else None)
        error.hint = None if hint is None else hint.replace("PATH", str(path))
        raise error.located(file=str(path)) from error.__cause__
    except BaseException:
        folder.close()
        raise


def _checkpoint(folder: OpenedFolder, limits: Limits, said: Said) -> Checkpoint:
    if folder.holds(HUB):
        raise NotKeras2("is a TF-Hub module", hint=recipes.GRAPH)
    metadata = folder.open(METADATA) if folder.holds(METADATA) else None
    graph = read_object_graph(folder.open(MODEL), metadata, limits)
    _check_root(graph.nodes[0])
    described = graph.metadata(0)
    writer = _writer(described, said)
    config = _architecture(described)
    bundle = read_bundle(folder.open(INDEX), lambda name: folder.open(f"variables/{name}"), "variables", limits)
    keys = stored_keys(graph, stored_objects(bundle, limits))
    variables = Variables(graph, bundle, keys)
    tables = Tables(graph.nodes, keys, bundle, lambda node: constant_table(graph, node, folder.open(MODEL)))
    config = tables.fill(config, dict(layer_nodes(graph)), lambda node: dict(layer_nodes(graph, node)))
    return Checkpoint(
        path=folder.path,
        file=folder,
        limits=limits,
        kind="saved_model",
        writer=writer,
        model_config=config,
        training_config=_training_config(described),
        weights=weight_groups(variables),
        hdf5=None,
        optimizer=optimizer_arrays(variables),
    )


def stored_objects(bundle: Bundle, limits: Limits) -> list[Node]:
    """The objects whose state the bundle holds.

    Raises:
        NotKeras2: it says nothing of objects, as before TensorFlow 2.
    """
    if OBJECTS not in bundle:
        raise NotKeras2("holds variables by name alone, as TensorFlow 1 wrote them", hint=recipes.CHECKPOINT)
    (data,) = bundle.texts(OBJECTS, limits.graph_bytes)
    return trackable_nodes(data, limits)


def _check_root(root: Node) -> None:
    if root.kind in MODELS:
        return
    if root.kind.startswith(KERAS):
        raise NotKeras2(
            "is a SavedModel folder of a single layer, not of a model",
            hint="in the old environment, put the layer into a model and save that",
        )
    raise NotKeras2(
        "is a SavedModel folder, but not of a Keras model (a tf.Module, a TF-Hub module, an export)", hint=recipes.GRAPH
    )


def _writer(described: Json, said: Said) -> Writer:
    version, backend = described.get("keras_version"), described.get("backend")
    if not isinstance(version, str):
        raise Refused(
            "is a SavedModel folder whose model is a class of the author's own (a subclassed model)", hint=SUBCLASSED
        )
    if version.startswith("3"):
        raise NothingToDo(
            f"is a SavedModel folder of Keras {version}", hint="convert the .keras file that it was made from"
        )
    return author(Evidence(version, backend if isinstance(backend, str) else "tensorflow"), said)


def _architecture(described: Json) -> Json:
    """`model_config` where there is one: it is what an HDF5 file holds."""
    config = described.get("model_config")
    if not isinstance(config, dict):
        config = {key: described.get(key) for key in ("class_name", "config")}
    inner = config.get("config")
    if not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
        # TensorFlow 2.0 did not describe models with some calls of layers either.
        raise Refused(
            f"is a SavedModel folder without an architecture (a subclassed model: {described.get('class_name')})",
            hint=SUBCLASSED,
        )
    return config


def _training_config(described: Json) -> Json | None:
    found = described.get("training_config")
    return found if isinstance(found, dict) else None
