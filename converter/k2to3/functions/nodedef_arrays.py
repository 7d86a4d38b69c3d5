"""NodeDef ops that join, cut, pick and reshape, with arguments in attributes or in another order."""

from __future__ import annotations

from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef
from k2to3.functions.values import Value

node = Handlers()


@node("Squeeze")
def squeeze(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "squeeze", x[0], n.get("squeeze_dims") or None)


@node("ConcatV2")
def concat(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "concat", x[:-1], x[-1])


@node("Concat")
def concat_v1(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "concat", x[1:], x[0])


@node("Pack")
def pack(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "stack", x, n.get("axis", 0))


@node("Unpack")
def unpack(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "unstack", x[0], n.get("num"), n.get("axis", 0))


@node("Split")
def split(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "split", x[1], n.get("num_split"), x[0])


@node("SplitV")
def split_sizes(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "split", x[0], x[1], x[2])


@node("Cast")
def cast(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "cast", x[0], n.get("DstT"))


@node("StridedSlice")
def strided_slice(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    return tensorflow(emitter, "strided_slice", *x, **{name: n.get(name, 0) for name in names})


@node("Select")
def select(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "compat.v1.where", *x)


@node("PadV2")
def pad_value(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "pad", x[0], x[1], "CONSTANT", x[2])


@node("MirrorPad")
def mirror_pad(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "pad", x[0], x[1], n.get("mode"))


@node("OneHot")
def one_hot(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "one_hot", x[0], x[1], x[2], x[3], n.get("axis", -1), n.get("T", "float32"))


@node("ArgMax", "ArgMin")
def extreme(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, f"math.{n.op.lower()}", x[0], x[1], output_type=n.get("output_type", "int64"))


@node("GatherV2")
def gather(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "gather", x[0], x[1], axis=x[2], batch_dims=n.get("batch_dims", 0))


@node("Gather", "ResourceGather")
def gather_v1(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "gather", x[0], x[1], axis=0)


@node("IdentityN")
def identity_n(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return list(x)


@node("TopKV2", "TopK")
def top_k(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "math.top_k", x[0], x[1] if len(x) > 1 else n.get("k"))


@node("ReverseSequence")
def reverse_sequence(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "reverse_sequence", *x, seq_axis=n.get("seq_dim", 1), batch_axis=n.get("batch_dim", 0))


@node("DepthToSpace", "SpaceToDepth")
def blocks(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "depth_to_space" if n.op == "DepthToSpace" else "space_to_depth"
    return tensorflow(emitter, f"nn.{name}", x[0], n.get("block_size"), data_format=n.get("data_format", "NHWC"))


@node("SpaceToBatchND")
def space_to_batch(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "space_to_batch_nd", *x)


@node("BatchToSpaceND")
def batch_to_space(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "batch_to_space", *x)


@node(
    "ScatterNd", "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMin", "TensorScatterMax"
)
def scatter(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "scatter_nd" if n.op == "ScatterNd" else f"tensor_scatter_nd_{n.op.removeprefix('TensorScatter').lower()}"
    return tensorflow(emitter, name, *x)


@node("LowerBound", "UpperBound")
def bounds(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    side = "left" if n.op == "LowerBound" else "right"
    return tensorflow(emitter, "searchsorted", *x, side=side, out_type=n.get("out_type", "int32"))


@node("InTopKV2", "InTopK")
def in_top_k(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(emitter, "math.in_top_k", x[1], x[0], x[2] if len(x) > 2 else n.get("k"))
