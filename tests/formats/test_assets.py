"""Vocabularies in files of their own: into the config, or refused, never guessed."""

from __future__ import annotations

import pytest
from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.sources.assets import fill_vocabularies


def lookup(class_name="StringLookup", **config):
    given = {"name": "l", "vocabulary": None, "oov_token": "[UNK]", "num_oov_indices": 1, "mask_token": None, **config}
    return {"class_name": class_name, "config": given}


def model(*layers):
    return {"class_name": "Functional", "config": {"layers": list(layers)}}


def filled(config, files):
    return [layer["config"]["vocabulary"] for layer in fill_vocabularies(config, files)["config"]["layers"]]


@pytest.mark.parametrize(
    ("layer", "name", "text", "tokens"),
    [
        (lookup(), "string_lookup", "[UNK]\nb\na", ["b", "a"]),
        (lookup(mask_token="", num_oov_indices=2), "string_lookup", "\n[UNK]\n[UNK]\nb", ["b"]),
        (lookup(mask_token="m", output_mode="multi_hot"), "string_lookup", "[UNK]\nb", ["b"]),
        (lookup("IntegerLookup", oov_token=-1), "integer_lookup", "-1\n7\n5", [7, 5]),
        (lookup("TextVectorization", output_mode="int"), "text_vectorization", "\n[UNK]\nhi", ["hi"]),
        (lookup("TextVectorization", output_mode="count"), "text_vectorization", "[UNK]\nhi", ["hi"]),
        (lookup(num_oov_indices=0), "string_lookup", "b", ["b"]),
    ],
)
@pytest.mark.parametrize("container", ["layers", "_layer_checkpoint_dependencies"])
def test_special_tokens_are_left_out(layer, name, text, tokens, container):
    assert filled(model(layer), {f"{container}/{name}/vocabulary.txt": text}) == [tokens]


def test_order_is_by_number_not_by_text():
    layers = [lookup() for _ in range(11)]
    names = ["string_lookup", *(f"string_lookup_{i}" for i in range(1, 11))]
    files = {f"layers/{name}/vocabulary.txt": f"[UNK]\n{i}" for i, name in enumerate(names)}
    assert filled(model(*layers), files) == [[str(i)] for i in range(11)]


def test_the_file_of_the_inner_layer_is_the_same():
    files = {f"layers/text_vectorization{i}/vocabulary.txt": "\n[UNK]\nhi" for i in ("", "/_lookup_layer")}
    assert filled(model(lookup("TextVectorization")), files) == [["hi"]]
    files["layers/text_vectorization/_lookup_layer/vocabulary.txt"] = "\n[UNK]\nho"
    with pytest.raises(UnsupportedOption):
        filled(model(lookup("TextVectorization")), files)


def test_nested_models_have_folders_of_their_own():
    plain, first, second = model(), model(lookup()), model(lookup(), model(lookup()))
    files = {
        "layers/functional_1/layers/string_lookup/vocabulary.txt": "[UNK]\na",
        "layers/functional_2/layers/string_lookup/vocabulary.txt": "[UNK]\nb",
        "layers/functional_2/layers/functional/layers/string_lookup/vocabulary.txt": "[UNK]\nc",
        "layers/string_lookup/vocabulary.txt": "[UNK]\nd",
    }
    found = fill_vocabularies(model(plain, first, lookup(), second), files)
    assert found == model(
        plain,
        model(lookup(vocabulary=["a"])),
        lookup(vocabulary=["d"]),
        model(lookup(vocabulary=["b"]), model(lookup(vocabulary=["c"]))),
    )
    # The second of two models that hold a vocabulary has none in the archive.
    del files["layers/functional_2/layers/string_lookup/vocabulary.txt"]
    with pytest.raises(BadConfig):
        fill_vocabularies(model(plain, first, lookup(), second), files)


@pytest.mark.parametrize(
    ("config", "files", "error"),
    [
        (model(lookup()), {"layers/string_lookup/vocabulary.txt": "b\n[UNK]"}, BadConfig),
        (model(lookup(vocabulary_size=3)), {"layers/string_lookup/vocabulary.txt": "[UNK]\nb"}, BadConfig),
        (model(lookup(vocabulary=["b"])), {"layers/string_lookup/vocabulary.txt": "[UNK]\nb"}, BadConfig),
        (model(lookup(), lookup()), {"layers/string_lookup/vocabulary.txt": "[UNK]\nb"}, BadConfig),
        (model(lookup("IntegerLookup", oov_token=-1)), {"layers/integer_lookup/vocabulary.txt": "-1\nx"}, BadConfig),
        (model(), {"layers/functional/layers/string_lookup/vocabulary.txt": "[UNK]"}, BadConfig),
        (model(), {"layers/hashing/table.txt": "x"}, UnsupportedOption),
        ({"class_name": "Functional", "config": None}, {"layers/string_lookup/vocabulary.txt": "x"}, BadConfig),
    ],
)
def test_refused(config, files, error):
    with pytest.raises(error):
        fill_vocabularies(config, files)
