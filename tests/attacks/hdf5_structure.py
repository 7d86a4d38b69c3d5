"""HDF5 files that point elsewhere, declare what they do not hold, or are shaped to exhaust who reads them."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
from conftest import small_model, write_checkpoint

from attacks.attack import HARMLESS, Attack, Made, from_checkpoint

GROUP = "model_weights/dense"
KERNEL = f"{GROUP}/dense/kernel:0"
Change = Callable[[h5py.File, Path], None]


def changed(change: Change) -> Callable[[Path], Made]:
    def apply(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            change(file, path)

    return from_checkpoint(apply)


def newest(change: Change) -> Callable[[Path], Made]:
    """As `changed`, in the newest file format, whose attributes may be large."""

    def make(folder: Path) -> Made:
        old = write_checkpoint(folder / "small.h5", *small_model())
        path = folder / "old.h5"
        with h5py.File(old, "r") as source, h5py.File(path, "w", libver="latest") as file:
            _again(source, file)
            change(file, path)
        old.unlink()
        return Made(path)

    return make


def _again(source: h5py.Group, target: h5py.Group) -> None:
    """A copy whose groups have the new format as well."""
    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _again(item, target.create_group(name))
        else:
            target[name] = item[()]


def external_link(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.ExternalLink(os.fspath(path.with_name("other.h5")), "/secret")


def soft_link(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.SoftLink(f"/{GROUP}/dense/bias:0")


def dangling_link(file: h5py.File, path: Path) -> None:
    file["model_weights/nowhere"] = h5py.SoftLink("/none")


def link_in_the_path(file: h5py.File, path: Path) -> None:
    del file[f"{GROUP}/dense"]
    file[f"{GROUP}/dense"] = h5py.ExternalLink("other.h5", "/group")


def linked_layer(file: h5py.File, path: Path) -> None:
    del file[GROUP]
    file[GROUP] = h5py.ExternalLink("other.h5", "/group")


def linked_root(file: h5py.File, path: Path) -> None:
    del file["model_weights"]
    file["model_weights"] = h5py.ExternalLink("other.h5", "/")


def linked_optimizer(file: h5py.File, path: Path) -> None:
    file["optimizer_weights"] = h5py.ExternalLink("other.h5", "/")


def user_defined_link(path: Path) -> None:
    """h5py makes none: the type of an external link is changed in the file."""
    with h5py.File(path, "r+") as file:
        file["model_weights/marker"] = h5py.ExternalLink("other.h5", "/x")
    data = bytearray(path.read_bytes())
    at = data.index(b"marker")
    # Version, flags, link type, optional fields, length of the name, name.
    place = data.rindex(b"\x40", at - 16, at)
    data[place] = 70
    path.write_bytes(data)


def external_storage(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    secret = path.with_name("secret.bin")
    secret.write_bytes(os.urandom(48))
    file.create_dataset(KERNEL, shape=(4, 3), dtype="f4", external=[(str(secret), 0, 48)])


def system_storage(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(4, 3), dtype="f4", external=[("/etc/passwd", 0, 48)])


def virtual_dataset(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource("other.h5", "data", shape=(4, 3))
    file.create_virtual_dataset(KERNEL, layout)


def plugin_filter(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4, 3))
    plist.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1,))
    space = h5py.h5s.create_simple((4, 3))
    made = h5py.h5d.create(file.id, KERNEL.encode(), h5py.h5t.IEEE_F32LE, space, dcpl=plist)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones((4, 3), "float32"))


def shape_bomb(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(1 << 40, 1 << 10), dtype="f4", chunks=(1024, 1024))


def never_written(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(4, 3), dtype="f4")


def fill_value(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(1 << 30,), dtype="f4", fillvalue=1.0)


def missing_chunks(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(1 << 30, 64), dtype="f4", chunks=(1 << 10, 64), compression="gzip")
    data[: 1 << 10] = 0


def gzip_bomb(file: h5py.File, path: Path) -> None:
    """1000:1, and every piece is there."""
    del file[KERNEL]
    rows, count = 1 << 14, 40
    data = file.create_dataset(KERNEL, shape=(rows * count, 64), dtype="f4", chunks=(rows, 64), compression="gzip")
    packed = zlib.compress(bytes(rows * 256))
    for index in range(count):
        data.id.write_direct_chunk((index * rows, 0), packed)


def many_gzip_bombs(file: h5py.File, path: Path) -> None:
    """Each below what is free, together not."""
    packed = zlib.compress(bytes(16 << 20))
    for index in range(8):
        data = file.create_dataset(f"model_weights/x{index}", shape=(4 << 20,), dtype="f4", chunks=True)
        del file[f"model_weights/x{index}"], data
        data = file.create_dataset(
            f"model_weights/x{index}", shape=(4 << 20,), dtype="f4", chunks=(4 << 20,), compression="gzip"
        )
        data.id.write_direct_chunk((0,), packed)


def huge_chunk(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(1 << 28,), dtype="f4", chunks=(1 << 28,), compression="gzip")
    data.id.write_direct_chunk((0,), b"x" * 1000)


def chunk_of_another_size(file: h5py.File, path: Path) -> None:
    """The compressed piece holds a gigabyte where the header says 48 bytes."""
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(4, 3), dtype="f4", chunks=(4, 3), compression="gzip")
    data.id.write_direct_chunk((0, 0), zlib.compress(bytes(64 << 20)))


def object_reference(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=np.array([file["model_weights"].ref], dtype=h5py.ref_dtype))


def variable_length(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    data = file.create_dataset(KERNEL, shape=(2,), dtype=h5py.vlen_dtype(np.float32))
    data[0] = np.zeros(3, np.float32)


def text_array(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=["a", "b"], dtype=h5py.string_dtype())


def compound(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=np.zeros((4, 3), [("a", "f4"), ("b", "f4")]))


def opaque(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=np.zeros((4, 3), "V1000"))


def deep_groups(file: h5py.File, path: Path) -> None:
    file.create_group("x/" * 200)


def hard_link_cycle(file: h5py.File, path: Path) -> None:
    file["model_weights/dense/loop"] = file["model_weights"]
    file["loop"] = file["/"]


def crossing_cycles(file: h5py.File, path: Path) -> None:
    """Each group holds all others: every path is endless, and there are many."""
    groups = [file.create_group(f"g{index}") for index in range(30)]
    for one in groups:
        for index, other in enumerate(groups):
            one[f"to{index}"] = other


def million_layer_names(file: h5py.File, path: Path) -> None:
    del file["model_weights"].attrs["layer_names"]
    file["model_weights"].attrs.create("layer_names", np.full(1_000_000, b"dense"))


def million_weight_names(file: h5py.File, path: Path) -> None:
    del file[GROUP].attrs["weight_names"]
    file[GROUP].attrs.create("weight_names", np.full(1_000_000, b"dense/kernel:0"))


def equal_names(file: h5py.File, path: Path) -> None:
    """Few enough to be read, each the same."""
    file[GROUP].attrs["weight_names"] = np.full(4000, b"dense/kernel:0")


def long_names(file: h5py.File, path: Path) -> None:
    file[GROUP].attrs["weight_names"] = [b"x" * 64_520]


def absurd_attribute(file: h5py.File, path: Path) -> None:
    file.attrs.create("model_config", np.zeros(80 << 20, "u1"))


def many_attributes(file: h5py.File, path: Path) -> None:
    for index in range(3000):
        file["model_weights"].attrs[f"a{index}"] = index


def large_config(file: h5py.File, path: Path) -> None:
    file.attrs["model_config"] = '{"a": "' + "x" * (40 << 20) + '"}'


def absolute_name(file: h5py.File, path: Path) -> None:
    """A weight name that begins at the root of the file is another array of the file, not another file."""
    file[GROUP].attrs["weight_names"] = [f"/{KERNEL}".encode(), b"dense/bias:0"]


def parent_name(file: h5py.File, path: Path) -> None:
    file[GROUP].attrs["weight_names"] = [b"../../../../etc/passwd", b"dense/bias:0"]


def zero_by_huge(file: h5py.File, path: Path) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, shape=(0, 1 << 60), dtype="f4", maxshape=(None, 1 << 60), chunks=(1, 1))


def wide_type(file: h5py.File, path: Path) -> None:
    """Half a gigabyte in one element."""
    kind = h5py.h5t.create(h5py.h5t.OPAQUE, 1 << 29)
    kind.set_tag(b"x")
    h5py.h5a.create(file.id, b"wide", kind, h5py.h5s.create(h5py.h5s.SCALAR))


LINKS = "GHSA-27f4-p4xq-cxg8: External/Soft link on the legacy `.h5` path"
PATH = "keras PR 23168: a link in an intermediate component"
ATTACKS = [
    Attack("an external link in the place of a weight", LINKS, changed(external_link)),
    Attack("a soft link in the place of a weight", LINKS, changed(soft_link)),
    Attack("a soft link to nowhere that nothing reads", LINKS, changed(dangling_link)),
    Attack("a user-defined link", LINKS, from_checkpoint(user_defined_link)),
    Attack("an external link inside the path of a weight", PATH, changed(link_in_the_path)),
    Attack("an external link in the place of a layer", PATH, changed(linked_layer)),
    Attack("an external link in the place of all weights", PATH, changed(linked_root)),
    Attack("an external link in the place of the optimizer", PATH, changed(linked_optimizer)),
    Attack("external storage beside the file", "CVE-2026-1669", changed(external_storage)),
    Attack("external storage in /etc", "CVE-2026-1669", changed(system_storage)),
    Attack("a virtual dataset", "keras PR 22976", changed(virtual_dataset)),
    Attack("a filter of a plugin", "a plugin is a shared library that HDF5 loads by number", changed(plugin_filter)),
    Attack("petabytes declared", "CVE-2026-0897: shape bomb", changed(shape_bomb)),
    Attack("an array that was never written", "CVE-2026-0897", changed(never_written)),
    Attack("four gigabytes of a fill value", "CVE-2026-0897", changed(fill_value)),
    Attack("missing chunks", "CVE-2026-0897, keras PR 22081", changed(missing_chunks)),
    Attack("gzip of zeros, 1000:1", "keras PR 22975", changed(gzip_bomb)),
    Attack("many small gzip bombs", "keras PR 22975", changed(many_gzip_bombs)),
    Attack("one chunk of a gigabyte", "found here: 4 MB to a 2 GB archive", changed(huge_chunk)),
    Attack("a chunk that unpacks to more than it should", "zlib bombs", changed(chunk_of_another_size), ""),
    Attack("object references", "types that point", changed(object_reference)),
    Attack("variable-length numbers", "types that point into heaps", changed(variable_length)),
    Attack("variable-length texts", "types that point into heaps", changed(text_array), "WeightMismatch"),
    Attack("compound elements", "types no weight has", changed(compound), "WeightMismatch"),
    Attack("opaque elements", "types no weight has", changed(opaque), "WeightMismatch"),
    Attack("groups 200 deep", "stack and path bombs", changed(deep_groups)),
    Attack("a cycle of hard links", "endless walks", changed(hard_link_cycle), ""),
    Attack("thirty groups that hold one another", "endless walks", changed(crossing_cycles), ""),
    Attack("a million layer names", "found here: minutes", newest(million_layer_names)),
    Attack("a million weight names", "found here: minutes", newest(million_weight_names)),
    Attack("equal weight names", "found here", changed(equal_names), "WeightMismatch"),
    Attack("a name of 64,520 bytes", "found here", changed(long_names)),
    Attack("an attribute of 80 MB", "attributes are read whole", newest(absurd_attribute)),
    Attack("an attribute whose element has 512 MB", "attributes are read whole", newest(wide_type)),
    Attack("three thousand attributes", "attributes are read whole", newest(many_attributes), ""),
    Attack("a model_config of 40 MB", "found here: 150 MB of config took 870 MB", newest(large_config)),
    Attack("a weight name from the root", "keras PR 23168", changed(absolute_name), HARMLESS),
    Attack("a weight name with dots", "path traversal", changed(parent_name), "WeightMismatch"),
    Attack("no rows of 2^60 columns", "CVE-2026-0897: overflow", changed(zero_by_huge), "WeightMismatch|UnsafeFile"),
]
