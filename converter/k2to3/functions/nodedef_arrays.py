"""NodeDef ops that join, cut, pick and reshape, with arguments in attributes or in another order."""

from __future__ import annotations

from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef, required
from k2to3.functions.values import Value

handles = Handlers()


@handles("Squeeze")
def squeeze(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "squeeze", inputs[0], node.get("squeeze_dims") or None)


@handles("ConcatV2")
def concat(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "concat", inputs[:-1], inputs[-1])


@handles("Concat")
def concat_v1(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "concat", inputs[1:], inputs[0])


@handles("Pack")
def pack(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "stack", inputs, node.get("axis", 0))


@handles("Unpack")
def unpack(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "unstack", inputs[0], required(emitter, node, "num"), node.get("axis", 0))


@handles("Split")
def split(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "split", inputs[1], required(emitter, node, "num_split"), inputs[0])


@handles("SplitV")
def split_sizes(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "split", inputs[0], inputs[1], inputs[2])


@handles("Cast")
def cast(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "cast", inputs[0], required(emitter, node, "DstT"))


@handles("StridedSlice")
def strided_slice(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    return tensorflow(emitter, "strided_slice", *inputs, **{name: node.get(name, 0) for name in names})


@handles("Select")
def select(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "compat.v1.where", *inputs)


@handles("PadV2")
def pad_value(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "pad", inputs[0], inputs[1], "CONSTANT", inputs[2])


@handles("MirrorPad")
def mirror_pad(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "pad", inputs[0], inputs[1], required(emitter, node, "mode"))


@handles("OneHot")
def one_hot(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter, "one_hot", inputs[0], inputs[1], inputs[2], inputs[3], node.get("axis", -1), node.get("T", "float32")
    )


@handles("ArgMax", "ArgMin")
def extreme(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter, f"math.{node.op.lower()}", inputs[0], inputs[1], output_type=node.get("output_type", "int64")
    )


@handles("GatherV2")
def gather(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "gather", inputs[0], inputs[1], axis=inputs[2], batch_dims=node.get("batch_dims", 0))


@handles("Gather", "ResourceGather")
def gather_v1(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "gather", inputs[0], inputs[1], axis=0)


@handles("IdentityN")
def identity_n(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return list(inputs)


@handles("TopKV2", "TopK")
def top_k(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "math.top_k", inputs[0], inputs[1] if len(inputs) > 1 else required(emitter, node, "k"))


@handles("ReverseSequence")
def reverse_sequence(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter, "reverse_sequence", *inputs, seq_axis=node.get("seq_dim", 1), batch_axis=node.get("batch_dim", 0)
    )


@handles("DepthToSpace", "SpaceToDepth")
def blocks(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    name = "depth_to_space" if node.op == "DepthToSpace" else "space_to_depth"
    size, order = required(emitter, node, "block_size"), node.get("data_format", "NHWC")
    return tensorflow(emitter, f"nn.{name}", inputs[0], size, data_format=order)


@handles("SpaceToBatchND")
def space_to_batch(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "space_to_batch_nd", *inputs)


@handles("BatchToSpaceND")
def batch_to_space(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "batch_to_space", *inputs)


@handles(
    "ScatterNd", "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMin", "TensorScatterMax"
)
def scatter(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    name = (
        "scatter_nd" if node.op == "ScatterNd" else f"tensor_scatter_nd_{node.op.removeprefix('TensorScatter').lower()}"
    )
    return tensorflow(emitter, name, *inputs)


@handles("LowerBound", "UpperBound")
def bounds(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    side = "left" if node.op == "LowerBound" else "right"
    return tensorflow(emitter, "searchsorted", *inputs, side=side, out_type=node.get("out_type", "int32"))


@handles("InTopKV2", "InTopK")
def in_top_k(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    count = inputs[2] if len(inputs) > 2 else required(emitter, node, "k")
    return tensorflow(emitter, "math.in_top_k", inputs[1], inputs[0], count)
