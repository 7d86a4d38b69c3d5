"""SavedModels and checkpoints made byte by byte: what must be refused, and what the readers give back."""

from __future__ import annotations

import os
import random
import shutil

import k2to3
import numpy as np
import pytest
from conftest import members, write_checkpoint
from k2to3.errors import FileError, K2to3Error, NotKeras2, Refused, UnsafeFile, UsageError, WeightMismatch
from k2to3.limits import DEFAULT
from k2to3.sources.opened import open_file
from k2to3.sources.read import read_checkpoint
from k2to3.sources.saved_model.checksum import crc32c
from k2to3.sources.saved_model.snappy import unpacked
from k2to3.sources.saved_model.table import read_table
from k2to3.sources.saved_model.wire import Damaged, fields, number, varint
from saved_model_parts import (
    BIAS,
    CONFIG,
    KERNEL,
    MODEL,
    OBJECTS,
    VALUE,
    Bundle,
    block,
    checkpoint,
    children,
    entry,
    graph,
    honest_bundle,
    message,
    saved_model,
    saved_objects,
    sealed,
    table,
    texts,
    user,
)
from saved_model_parts import varint as written_varint

DATA = "variables.data-00000-of-00001"


def convert(source, tmp_path, **options):
    return k2to3.convert(source, tmp_path / "new.keras", verify="weights", **options)


def h5_twin(tmp_path):
    weights = {"dense": {"dense/kernel:0": KERNEL, "dense/bias:0": BIAS}}
    return write_checkpoint(tmp_path / "twin.h5", CONFIG, weights, version="2.4.0")


def test_the_same_archive_as_hdf5(tmp_path):
    convert(saved_model(tmp_path / "m"), tmp_path)
    k2to3.convert(h5_twin(tmp_path), tmp_path / "twin.keras", verify="none")
    assert members(tmp_path / "new.keras") == members(tmp_path / "twin.keras")


def test_a_checkpoint_with_its_architecture(tmp_path):
    index, architecture = checkpoint(tmp_path / "c")
    for name in (index, index.with_suffix(""), index.parent, index.with_name(DATA.replace("variables", "w"))):
        report = convert(name, tmp_path, architecture=architecture, overwrite=True)
        assert report.status == "proved" and report.kind == "checkpoint"


def test_a_checkpoint_needs_the_architecture_and_its_version(tmp_path):
    index, architecture = checkpoint(tmp_path / "c", config=CONFIG)
    with pytest.raises(UsageError, match="--architecture"):
        convert(index, tmp_path)
    with pytest.raises(K2to3Error, match="which Keras wrote it"):
        convert(index, tmp_path, architecture=architecture)


def test_another_architecture_is_refused(tmp_path):
    more = {**CONFIG, "config": {**CONFIG["config"], "layers": CONFIG["config"]["layers"] * 2}}
    index, architecture = checkpoint(tmp_path / "c", config={**more, "keras_version": "2.4.0"})
    with pytest.raises(WeightMismatch, match="the checkpoint has 1 layers"):
        convert(index, tmp_path, architecture=architecture)


def two_layers(*names):
    layers = [{"class_name": "Dense", "config": {"name": name, "units": 4, "activation": "linear"}} for name in names]
    layers[0]["config"]["batch_input_shape"] = [None, 4]
    return {"class_name": "Sequential", "config": {"name": "m", "layers": layers}, "keras_version": "2.4.0"}


def two_in_a_checkpoint(*names):
    bundle, objects = Bundle(), [message(*children(layer__0=1, layer__1=2))]
    objects += [message(*children(kernel=3 + 2 * index, bias=4 + 2 * index)) for index in range(2)]
    for index, name in enumerate(names):
        for weight, shape in (("kernel", (4, 4)), ("bias", (4,))):
            key = f"layer-{index}/{weight}{VALUE}"
            bundle.add(key, np.full(shape, index + 1, "float32"))
            objects.append(message((2, message((1, "VARIABLE_VALUE"), (2, f"{name}/{weight}"), (3, key)))))
    data, crc = texts([graph(objects)])
    bundle.entries[OBJECTS] = entry(7, (), len(bundle.data), len(data), crc)
    bundle.data += data
    return bundle


@pytest.mark.parametrize(("names", "fits"), [(("a", "b"), True), (("b", "a"), False), (("b", "c"), True)])
def test_layers_of_the_same_names_in_another_order(tmp_path, names, fits):
    """Names that the author's program counted on are none of the architecture's, and say nothing."""
    index, architecture = checkpoint(tmp_path / "c", two_in_a_checkpoint(*names), two_layers("a", "b"))
    if fits:
        assert convert(index, tmp_path, architecture=architecture).status == "proved"
        return
    with pytest.raises(WeightMismatch, match="'b' stands where the architecture has 'a'"):
        convert(index, tmp_path, architecture=architecture)


def test_a_folder_of_several_checkpoints(tmp_path):
    index, architecture = checkpoint(tmp_path / "c")
    honest_bundle().write(tmp_path / "c" / "v")
    with pytest.raises(UsageError, match=r"holds 2 checkpoints \(v, w\)"):
        convert(index.parent, tmp_path, architecture=architecture)


def test_the_index_of_a_saved_model_names_its_folder(tmp_path):
    folder = saved_model(tmp_path / "m")
    with pytest.raises(UsageError, match=r"k2to3 convert .*m NEW\.keras"):
        convert(folder / "variables" / "variables.index", tmp_path)


@pytest.mark.parametrize("kind", ["_generic_user_object", "_tf_keras_layer", "_tf_keras_model"])
def test_what_is_no_model_of_keras(tmp_path, kind):
    objects = saved_objects(model={} if kind == "_tf_keras_model" else None, kind=kind)
    with pytest.raises(Refused) as caught:
        convert(saved_model(tmp_path / "m", objects), tmp_path)
    assert isinstance(caught.value, NotKeras2) == (kind != "_tf_keras_model")
    assert caught.value.hint and "PATH" not in caught.value.hint


def test_a_weight_of_the_model_itself(tmp_path):
    objects = saved_objects()
    objects[0] = objects[0].replace(b"trainable_variables", b"trainable_xvariable")
    with pytest.raises(WeightMismatch, match="contradict"):
        convert(saved_model(tmp_path / "m", objects), tmp_path)


def test_metadata_of_another_model(tmp_path):
    folder = saved_model(tmp_path / "m")
    (folder / "keras_metadata.pb").write_bytes(message((1, message((2, 3), (4, "_tf_keras_layer"), (5, "{}")))))
    with pytest.raises(K2to3Error, match=r"is not of this saved_model\.pb"):
        convert(folder, tmp_path)


@pytest.mark.parametrize(
    "part", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_links_are_refused(tmp_path, part):
    folder = saved_model(tmp_path / "m")
    os.rename(folder / part, tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", folder / part)
    with pytest.raises(UnsafeFile, match="is a link") as caught:
        convert(folder, tmp_path)
    assert "cp -rL" in caught.value.hint


def test_a_missing_data_file(tmp_path):
    folder = saved_model(tmp_path / "m")
    os.remove(folder / "variables" / DATA)
    with pytest.raises(FileError, match="no such file") as caught:
        convert(folder, tmp_path)
    assert "the index names it" in caught.value.hint


def test_a_folder_without_its_variables(tmp_path):
    folder = saved_model(tmp_path / "m")
    shutil.rmtree(folder / "variables")
    with pytest.raises(FileError, match="which the folder should hold") as caught:
        convert(folder, tmp_path)
    assert "the whole folder" in caught.value.hint


def test_a_source_that_changes_is_an_error(tmp_path):
    folder = saved_model(tmp_path / "m")
    data = folder / "variables" / DATA
    with read_checkpoint(folder) as found:
        data.write_bytes(data.read_bytes() + b"x")
        with pytest.raises(FileError, match="changed while it was read"):
            found.file.check_unchanged()


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_bit_that_flips_in_a_tensor(tmp_path, at):
    bundle = honest_bundle()
    bundle.data = bundle.data[:at] + bytes([bundle.data[at] ^ 4]) + bundle.data[at + 1 :]
    with pytest.raises(Damaged, match="checksum is wrong"):
        convert(saved_model(tmp_path / "m", bundle=bundle), tmp_path)


def test_any_truncation_is_refused(tmp_path):
    folder = saved_model(tmp_path / "m")
    for part in folder.rglob("*"):
        if part.is_file():
            whole = part.read_bytes()
            for size in random.Random(1).sample(range(len(whole)), min(40, len(whole))):
                part.write_bytes(whole[:size])
                with pytest.raises(K2to3Error):
                    convert(folder, tmp_path, overwrite=True)
            part.write_bytes(whole)


def test_any_byte_may_be_another_without_a_traceback(tmp_path):
    """Only errors of ours; where it still converts, every weight is one of the file."""
    folder = saved_model(tmp_path / "m")
    generator = random.Random(2)
    for part in (folder / "saved_model.pb", folder / "variables" / "variables.index"):
        whole = part.read_bytes()
        for _ in range(150):
            at = generator.randrange(len(whole))
            part.write_bytes(whole[:at] + bytes([generator.randrange(256)]) + whole[at + 1 :])
            try:
                k2to3.plan(folder)
            except K2to3Error as error:
                assert error.exit_code in (1, 3, 4, 6, 9), error
        part.write_bytes(whole)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shape": (1 << 40, 2)}, "its shape says"),
        ({"shape": (-1, 2)}, "has the shape"),
        ({"offset": -8}, "ends behind the end"),
        ({"offset": 1 << 40}, "ends behind the end"),
        ({"size": 1 << 62}, "ends behind the end"),
        ({"shard": 7}, "in a data file that is not there"),
        ({"dtype": 20}, "which no Keras weight has"),
        ({"offset": 0}, "overlaps another"),
    ],
    ids=lambda value: str(value),
)
def test_entries_that_lie(tmp_path, change, text):
    bundle = honest_bundle()
    given = {"dtype": 1, "shape": (4, 2), "offset": 8, "size": 32, "crc": 0, **change}
    bundle.entries[f"layer-0/kernel{VALUE}".encode()] = entry(**given)
    with pytest.raises(K2to3Error, match=text):
        convert(saved_model(tmp_path / "m", bundle=bundle), tmp_path)


def test_another_byte_order_is_refused(tmp_path):
    """Its checksums are sound, for they are of bytes: only the header of the index tells."""
    bundle = honest_bundle()
    bundle.entries[b""] = message((1, 1), (2, 1), (3, message((1, 1))))
    with pytest.raises(K2to3Error, match="highest byte first"):
        convert(saved_model(tmp_path / "m", bundle=bundle), tmp_path)


def test_more_objects_than_allowed(tmp_path):
    folder = saved_model(tmp_path / "m", [*saved_objects(), *[message(user("x"))] * 50])
    with pytest.raises(UnsafeFile, match="objects"):
        convert(folder, tmp_path, limits={"objects": 30})


def test_a_model_in_itself(tmp_path):
    """A graph of objects may be cyclic; a model inside of itself is refused."""
    objects = saved_objects()
    objects[1] = message((1, message((1, 0), (2, "owner")))) + objects[1]
    assert convert(saved_model(tmp_path / "m", objects), tmp_path).status == "proved"


def test_names_come_out_printable(tmp_path, capsys):
    objects = saved_objects(layer={"class_name": "Dense", "name": "a\x1b[2J"})
    with pytest.raises(K2to3Error) as caught:
        convert(saved_model(tmp_path / "m", objects), tmp_path)
    assert "\x1b" not in str(caught.value)


def test_keras_3_and_keras_1(tmp_path):
    objects = saved_objects(model={**MODEL, "keras_version": "3.4.1"})
    with pytest.raises(K2to3Error) as caught:
        convert(saved_model(tmp_path / "m", objects), tmp_path)
    assert caught.value.exit_code == 3


def read(path, data):
    path.write_bytes(data)
    file = open_file(path)
    try:
        return read_table(file, DEFAULT)
    finally:
        file.close()


def test_a_table_of_many_blocks(tmp_path):
    entries = [(b"key/%05d" % index, b"v" * (index % 7)) for index in range(500)]
    blocks = [sealed(block(entries[start : start + 50])) for start in range(0, 500, 50)]
    assert read(tmp_path / "t", table({}, blocks)) == dict(entries)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (table({b"a": b"1"})[:-1], "does not end"),
        (table([(b"b", b"1"), (b"a", b"2")]), "not in order"),
        (table([(b"a", b"1"), (b"a", b"2")]), "not in order"),
        (table({}, [sealed(block([(b"a", b"")]), kind=9)]), "packed in an unknown way"),
        (table({}, [sealed(block([(b"a", b"")]))[:-1] + b"?"]), "checksum"),
        (table({}, [sealed(b"\x00\x7f\x00a\0\0\0\0\1\0\0\0")]), "longer than its block"),
        (table({}, [sealed(b"\x05\x01\x00a\0\0\0\0\1\0\0\0")]), "longer than its block"),
        (table({}, [sealed(b"\xff\xff\xff\xff")]), "shorter than it says"),
    ],
    ids=range(8),
)
def test_tables_that_are_damaged(tmp_path, data, text):
    with pytest.raises(Damaged, match=text):
        read(tmp_path / "t", data)


def test_a_packed_table(tmp_path):
    content = block([(b"a", b"x" * 40), (b"ab", b"y")])
    packed = written_varint(len(content)) + bytes([60 << 2, len(content) - 1]) + content
    assert read(tmp_path / "t", table({}, [sealed(packed, kind=1)])) == {b"a": b"x" * 40, b"ab": b"y"}


def test_snappy():
    assert unpacked(b"\x09\x08abc\x09\x03", 99) == b"abcabcabc"
    assert unpacked(b"\x07\x00a\x16\x01\x00", 99) == b"aaaaaaa"
    assert unpacked(b"\x06\x00a\x13\x01\x00\x00\x00", 99) == b"aaaaaa"
    with pytest.raises(UnsafeFile, match="packed block"):
        unpacked(written_varint(1 << 40), 1 << 20)


@pytest.mark.parametrize(
    "data",
    [
        b"\x09\x08ab",
        b"\x09\x08abc\x09\x04",
        b"\x09\x08abc\x09\x00",
        b"\x02\x08abc",
        b"\x04\x08abc",
        b"\x03",
        b"\x09\x08abc\x09",
        b"\x07\xf4",
    ],
)
def test_damaged_snappy(data):
    with pytest.raises(Damaged):
        unpacked(data, 99)


def test_a_bomb_of_snappy_is_refused(tmp_path):
    # A letter, and a thousand times 64 of it.
    bomb = written_varint(100 << 20) + b"\x00a" + b"\xfe\x01\x00" * (1 << 10)
    with pytest.raises(UnsafeFile, match="packed block of 104857600"):
        read(tmp_path / "t", table({}, [sealed(bomb, kind=1)]))


@pytest.mark.parametrize("size", [0, 1, 9, 511, 512, 513, 5000, (8 << 20) + 517])
def test_checksums(size):
    data = np.random.default_rng(size).bytes(size)
    state = 0xFFFFFFFF
    for byte in data[:6000] if size > 6000 else data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    if size <= 6000:
        assert crc32c([data]) == state ^ 0xFFFFFFFF
    half = size // 3
    assert crc32c([data[:half], data[half:]]) == crc32c([data]) == crc32c([data[half:]], crc32c([data[:half]]))


def test_a_checksum_that_is_known():
    assert crc32c([b"123456789"]) == 0xE3069283


def test_numbers_of_the_wire():
    for value in (0, 1, 127, 128, 300, (1 << 63) - 1):
        assert varint(written_varint(value), 0)[0] == value
    assert number(varint(written_varint(-5), 0)[0]) == -5
    for damaged in (b"\x80", b"\xff" * 11, b"\x0a\x05abc", b"\x0b", b"\x0d\x01"):
        with pytest.raises(Damaged):
            list(fields(damaged))
