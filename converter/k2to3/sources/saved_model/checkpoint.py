"""TensorFlow checkpoints: what `model.save_weights("name")` and `ModelCheckpoint(save_weights_only=True)` wrote.

`name.index` beside `name.data-00000-of-00001`. They hold no architecture and do not say which Keras wrote them.
"""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from pathlib import Path

from k2to3.errors import BadConfig, K2to3Error, NothingToDo, NotKeras2, UsageError, WeightMismatch
from k2to3.limits import DEFAULT, Limits
from k2to3.options.records import SILENT, Said
from k2to3.sources import recipes
from k2to3.sources.architecture import Architecture, read_architecture
from k2to3.sources.author import Writer, parse_writer
from k2to3.sources.authorship import Evidence, author, text_of
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.saved_model.bundle import Bundle, read_bundle
from k2to3.sources.saved_model.checkpoint_paths import PathWalk
from k2to3.sources.saved_model.folder import MODEL, OpenedFolder
from k2to3.sources.saved_model.layers import VALUE
from k2to3.sources.saved_model.messages import Node
from k2to3.sources.saved_model.object_graph import model_layers
from k2to3.sources.saved_model.read import stored_objects
from k2to3.sources.saved_model.vocabularies import Tables
from k2to3.sources.tensors import StoredTensor

# Variables of the model object that are no weights.
COUNTERS = frozenset({"save_counter", "_ckpt_saved_epoch"})
OPTIMIZER = "optimizer"
NEWEST = "2.21.0"


def read_tensorflow_checkpoint(
    path: Path, prefix: Path, architecture: Path | Architecture | None, limits: Limits, said: Said = SILENT
) -> Checkpoint:
    """Open a checkpoint; `architecture` is that of its model (see `read_architecture`).

    Raises:
        K2to3Error: see `k2to3.errors`.
    """
    if architecture is None and (prefix.parent.parent / MODEL).exists():
        owner = prefix.parent.parent
        raise UsageError(
            "belongs to a SavedModel folder", file=str(path), hint=recipes.FOLDER.replace("PATH", str(owner))
        )
    folder = OpenedFolder(path, prefix.parent)
    try:
        given = read_architecture(architecture, limits, _unsaid(said))
        config, writer = given.config, _writer(given, said)
        bundle, nodes = _opened(folder, prefix, limits)
        root = _model_node(nodes)
        walk = PathWalk(nodes, bundle, limits)
        walk.model(config, root, "")
        _check_complete(nodes, root)
        tables = Tables(nodes, {number: node.keys or {} for number, node in enumerate(nodes)}, bundle)
        config = tables.fill(config, walk.places[root], lambda node: walk.places[node])
        found = Checkpoint(
            path=path,
            file=folder,
            limits=limits,
            kind="checkpoint",
            writer=writer,
            model_config=config,
            training_config=None,
            weights=walk.groups,
            hdf5=None,
            optimizer=tuple(_optimizer(nodes, root, bundle)),
            findings=given.findings,
        )
        folder.check_unchanged()
        return found
    except K2to3Error as error:
        folder.close()
        error.hint = None if error.hint is None else error.hint.replace("PATH", str(prefix))
        raise error.located(file=str(path)) from error.__cause__
    except BaseException:
        folder.close()
        raise


def _opened(folder: OpenedFolder, prefix: Path, limits: Limits) -> tuple[Bundle, list[Node]]:
    bundle = read_bundle(folder.open(f"{prefix.name}.index"), folder.open, prefix.name, limits)
    return bundle, stored_objects(bundle, limits)


def _model_node(nodes: list[Node]) -> int:
    """The model: the root, or the `model` of a `tf.train.Checkpoint`."""
    if model_layers(nodes[0].children):
        return 0
    inside = [child for child in dict.fromkeys(nodes[0].children.values()) if model_layers(nodes[child].children)]
    if len(inside) != 1:
        raise NotKeras2(
            "is a TensorFlow checkpoint, but not of one Functional or Sequential model",
            hint="in the old environment, build that model, load the weights into it, and save it as model.h5",
        )
    return inside[0]


def _check_complete(nodes: list[Node], root: int) -> None:
    """The model itself owns no weights."""
    for name, child in nodes[root].children.items():
        if VALUE in (nodes[child].keys or {}) and name not in COUNTERS:
            raise WeightMismatch(f"the model owns weights outside its layers ({name})")


def _optimizer(nodes: list[Node], root: int, bundle: Bundle) -> list[StoredTensor]:
    """State of an optimizer, which stays behind: nothing says which it is."""
    node = nodes[root].children.get(OPTIMIZER)
    if node is None:
        return []
    numbers = [*nodes[node].children.values(), *(slot.variable for slot in nodes[node].slots)]
    return [bundle.tensor(key, nodes[n].full_name) for n in numbers if (key := (nodes[n].keys or {}).get(VALUE))]


def _unsaid(said: Said) -> Writer:
    """Any TensorFlow that writes such checkpoints, where the user does not name it."""
    if said.version is not None:
        return author(Evidence(backend="tensorflow"), said)
    return parse_writer(NEWEST, "tensorflow", ((1, 4), (2, 21)), rebuilt=True)


def _writer(given: Architecture, said: Said) -> Writer:
    version = text_of(given.config, "keras_version") if said.version is None else said.version
    if version is None:
        raise BadConfig(
            "neither the checkpoint nor the architecture says which Keras wrote it",
            key="keras_version",
            hint="say it: --keras-version tf-2.4, or whichever TensorFlow it was",
        )
    if version.startswith("3"):
        raise NothingToDo(f"of Keras {version}", hint="load it with model.load_weights")
    writer = author(Evidence(backend="tensorflow"), said.or_version(version), rebuilt=given.rebuilt)
    if not writer.tensorflow:
        raise WeightMismatch(
            f"the architecture is of Keras {version}, which writes no TensorFlow checkpoints",
            hint="give that of the tf.keras that wrote it, or say which it was: --keras-version tf-2.0",
        )
    return writer


def read_parts(
    path: Path, prefix: Path, limits: Limits = DEFAULT, stack: ExitStack | None = None
) -> dict[str, tuple[StoredTensor, ...]]:
    """What a checkpoint says by itself: paths of objects and their tensors; `stack` closes the files later.

    Raises:
        K2to3Error: see `k2to3.errors`.
    """
    folder = OpenedFolder(path, prefix.parent)
    with nullcontext(stack) if stack is not None else ExitStack() as files:
        files.callback(folder.close)
        try:
            bundle, nodes = _opened(folder, prefix, limits)
            return _parts(bundle, nodes)
        except K2to3Error as error:
            raise error.located(file=str(path)) from error.__cause__


def _parts(bundle: Bundle, nodes: list[Node]) -> dict[str, tuple[StoredTensor, ...]]:
    found: dict[str, list[StoredTensor]] = {}
    for key in sorted(key for node in nodes if (key := (node.keys or {}).get(VALUE))):
        owner, _, name = key.partition("/.ATTRIBUTES/")[0].rpartition("/")
        if "layer" in owner.split("/")[0] and ".OPTIMIZER_SLOT" not in key:
            found.setdefault(owner, []).append(bundle.tensor(key, name))
    return {owner: tuple(tensors) for owner, tensors in found.items()}
