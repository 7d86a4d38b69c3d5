"""Hints about what a file is."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
from conftest import FIXTURES
from saved_model_parts import (
    CONFIG,
    DTYPES,
    OBJECTS,
    VALUE,
    Bundle,
    checkpoint,
    entry,
    graph,
    honest_bundle,
    message,
    saved_model,
    saved_objects,
    texts,
)
from ways import Make, Way, dense, dense_weights, file, layer, text_of, with_file

ARCHITECTURE = text_of({"class_name": "Sequential", "config": {"name": "m", "layers": [dense("it", 3, 4)]}})
ALONE = with_file(file(weights={"it": dense_weights(4)}, whole=False), "model.json", ARCHITECTURE)
BIAS = {"class_name": "Sequential", "config": [layer("Bias", 4)], "keras_version": "2.2.4", "backend": "tensorflow"}
OPEN = json.dumps(BIAS)
VOCABULARY = FIXTURES / "formats" / "k215_vocabulary.keras"
GIVEN = {"architecture": "{folder}/model.json"}


def packed(folder: Path) -> Path:
    source = ALONE(folder)
    source.write_bytes(gzip.compress(source.read_bytes()))
    return source


def contradictory(folder: Path) -> Path:
    """Theano's, with names of TensorFlow."""
    return file(dense("it", 3, 4), weights={"it": dense_weights(4)}, version="2.2.4", backend="theano")(folder)


def as_npz(folder: Path) -> Path:
    path = folder / "old.keras"
    with zipfile.ZipFile(FIXTURES / "formats" / "k215_text.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("model.weights.h5", "model.weights.npz"), old.read(name))
    return path


def with_an_asset(folder: Path) -> Path:
    path = folder / "old.keras"
    shutil.copy(VOCABULARY, path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("assets/layers/string_lookup/other.txt", "one")
    return path


def by_path(folder: Path) -> Path:
    """Weights by path of a layer whose weights are known by name alone."""
    (folder / "model.json").write_text(OPEN)
    with h5py.File(folder / "old.weights.h5", "w") as file:
        file.create_group("vars")
        file.create_group("layers/bias/vars").create_dataset("0", data=np.ones(4, "float32"))
    return folder / "old.weights.h5"


def as_it_should_be(folder: Path) -> Path:
    return Path(shutil.copy(FIXTURES / "formats" / "k215_text.keras", folder / "old.keras"))


def model(kind: str = "_tf_keras_sequential", metadata: object = None) -> Make:
    def make(folder: Path) -> Path:
        given = {} if metadata is None else {"model": metadata}
        return saved_model(folder / "m", saved_objects(kind=kind, **given))

    return make


def half(folder: Path) -> Path:
    """A SavedModel of which only the graph was copied."""
    source = saved_model(folder / "m")
    shutil.rmtree(source / "variables")
    return source


def linked(folder: Path) -> Path:
    source = saved_model(folder / "m")
    path = source / "variables" / "variables.index"
    path.symlink_to(path.rename(folder / "elsewhere"))
    return source


def inner_index(folder: Path) -> Path:
    return saved_model(folder / "m") / "variables" / "variables.index"


def sliced(folder: Path) -> Path:
    bundle = honest_bundle()
    name = f"layer-0/kernel{VALUE}".encode()
    bundle.entries[name] += message((7, b""))
    return saved_model(folder / "m", bundle=bundle)


def several(folder: Path) -> Path:
    index, _ = checkpoint(folder)
    honest_bundle().write(folder / "v")
    return index.parent


def one(folder: Path) -> Path:
    return several(folder) / "w.index"


def of_config(config: object) -> Make:
    return lambda folder: checkpoint(folder, config=config)[0]


def of_no_model(folder: Path) -> Path:
    bundle = Bundle()
    bundle.add(f"x{VALUE}", np.ones(2, "float32"))
    data, crc = texts([graph([message((2, message((1, "VARIABLE_VALUE"), (2, "x"), (3, f"x{VALUE}"))))])])
    bundle.entries[OBJECTS] = entry(DTYPES["float32"] + 6, (), len(bundle.data), len(data), crc)
    bundle.data += data
    return checkpoint(folder, bundle)[0]


def unsaid(keras: str | None) -> object:
    return CONFIG if keras is None else {**CONFIG, "keras_version": keras, "backend": "tensorflow"}


WAYS = [
    Way("errors.py:no_such_file", lambda folder: folder / "old.h5",
        mended=file(dense("it", 3, 4), weights={"it": dense_weights(4)}), said="current folder"),
    Way("sources/architecture.py:read_architecture", ALONE, GIVEN),
    Way("sources/architecture.py:_text", with_file(ALONE, "model.bin", "PK\x03\x04"), GIVEN,
        given={"architecture": "{folder}/model.bin"}),
    Way("sources/authorship.py:_backend", contradictory, {"backend_of_author": "tensorflow"}),
    Way("sources/keras_archive.py:_check_names", as_npz, mended=as_it_should_be, said="default weights format"),
    Way("sources/read.py:better", packed, mended=ALONE, given=GIVEN, said="unpack it"),
    Way("sources/assets.py:fill_vocabularies", with_an_asset, said="its vocabulary as a list",
        mended=lambda folder: Path(shutil.copy(VOCABULARY, folder))),
    Way("matching/paths.py:_layer", by_path,
        mended=file(architecture=BIAS, weights={"it": {"W": (4,)}}, version="2.2.4"),
        said="save the model as .h5", given=GIVEN, then={"architecture": None}),
    Way("sources/saved_model/bundle.py:_check_extents", sliced, mended=model(), said="save it again"),
    Way("sources/saved_model/index_file.py:checkpoint_prefix", several, mended=one, given=GIVEN, said="name one"),
    Way("sources/saved_model/checkpoint.py:read_tensorflow_checkpoint", inner_index, mended=model(),
        said="k2to3 convert"),
    Way("sources/saved_model/checkpoint.py:_model_node", of_no_model, mended=lambda folder: checkpoint(folder)[0],
        given=GIVEN, said="build that model"),
    Way("sources/saved_model/checkpoint.py:_writer", of_config(unsaid(None)), {"keras_version": "tf-2.4"}, given=GIVEN),
    Way("sources/saved_model/checkpoint.py:_writer/3", of_config(unsaid("2.2.4")), given=GIVEN,
        mended=of_config(unsaid("2.4.0")), said="that of the tf.keras that wrote it"),
    Way("sources/saved_model/folder.py:_check_no_link", half, mended=model(), said="the whole folder"),
    Way("sources/saved_model/folder.py:_check_no_link/2", linked, mended=model(), said="copy"),
    Way("sources/saved_model/read.py:_check_root", model("_tf_keras_layer"), mended=model(), said="into a model"),
    Way("sources/saved_model/read.py:_writer", model(metadata={}), mended=model(), said="Functional"),
    Way("sources/saved_model/read.py:_architecture",
        model(metadata={"class_name": "Net", "config": {}, "keras_version": "2.4.0"}), mended=model(),
        said="Functional"),
]  # fmt: skip
