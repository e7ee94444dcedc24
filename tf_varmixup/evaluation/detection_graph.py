"""What a classifier's own operations do to its images, and what they end in."""

import collections
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

# Operations with a kernel: what reaches the first of them is what preprocessing made of the images.
# What is compiled by itself is not looked into.
_KERNELS = {"Conv2D", "Conv3D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2", "Einsum"}
_KERNELS |= {"PartitionedCall", "StatefulPartitionedCall", "XlaCallModule"}
# Operations that leave values as they are.
_SAME = {"Identity", "Cast", "Reshape", "EnsureShape", "Squeeze", "StopGradient"}
_LEVELS = (0.0, 128.0, 255.0)


def inlined_graph(traced: Any) -> Any:
    """Put the functions that a traced function calls, as a SavedModel does, into its own graph.

    Args:
        traced: Concrete `tf.function` of images to one tensor.

    Returns:
        A `tf.compat.v1.GraphDef`.

    Example:
        >>> half = tf.function(lambda images: images / 2.0)
        >>> twice = tf.function(lambda images: half(half(images)))
        >>> traced = twice.get_concrete_function(tf.TensorSpec((None, 8, 8, 1)))
        >>> [node.op for node in inlined_graph(traced).node].count("RealDiv")
        2
    """
    # TensorFlow's own way to a frozen graph, without the freezing, which takes half a minute.
    return convert_to_constants._run_inline_graph_optimization(traced, False, False)


def last_operation(traced: Any, graph: Any) -> str:
    """Return the type of the operation that computes the outputs, such as "Softmax".

    Args:
        traced: Concrete `tf.function` of images to one tensor.
        graph: As `inlined_graph` returns it.

    Returns:
        The name of a type of TensorFlow's operations.

    Example:
        >>> classify = tf.function(lambda images: tf.nn.softmax(tf.reshape(images, (-1, 64))))
        >>> traced = classify.get_concrete_function(tf.TensorSpec((None, 8, 8, 1)))
        >>> last_operation(traced, inlined_graph(traced))
        'Softmax'
    """
    nodes = {node.name: node for node in graph.node}
    node = nodes[traced.outputs[0].op.name]
    while node.op in _SAME:
        node = nodes[_node_name(node.input[0])]
    return str(node.op)


def preprocessing(
    traced: Any, graph: Any, specification: tf.TensorSpec
) -> tuple[float, float] | None:
    """Find which linear function of a pixel reaches the first operation with a kernel.

    Images of one level each are sent through the operations before it, whatever layers they belong
    to: `Rescaling`, `Normalization`, `BatchNormalization`, a `Lambda` or plain arithmetic.

    Args:
        traced: Concrete `tf.function` of images to one tensor.
        graph: As `inlined_graph` returns it.
        specification: Of the images, `(None, H, W, C)` with H, W and C known.

    Returns:
        The level that becomes 0, and how far apart levels are that become 1 apart, medians over
        channels; or None where there is no such operation or the function is not linear.

    Example:
        >>> images, kernel = tf.TensorSpec((None, 8, 8, 1)), tf.ones((64, 2))
        >>> center = tf.function(lambda images: tf.reshape(images / 127.5 - 1.0, (-1, 64)) @ kernel)
        >>> traced = center.get_concrete_function(images)
        >>> zero, unit = preprocessing(traced, inlined_graph(traced), images)
        >>> round(zero, 3), round(unit, 3)
        (127.5, 127.5)
    """
    images = traced.inputs[0].op.name
    seen = _first_kernels_input(graph, images)
    if seen is None:
        return None
    before = _ancestors(graph, _node_name(seen))

    names = {node.name for node in before.node}

    @tf.function(autograph=False)
    def see(level: tf.Tensor) -> tf.Tensor:
        own = tf.compat.v1.get_default_graph()
        fed = {
            inside.name: own.capture(outside)
            for outside, inside in traced.graph.captures
            if inside.op.name in names
        }
        shape = (1, *specification.shape[1:])
        fed[f"{images}:0"] = tf.fill(shape, tf.cast(level, specification.dtype))
        [found] = tf.graph_util.import_graph_def(before, fed, [seen])
        return tf.reshape(tf.cast(found, tf.float32), [-1])

    low, middle, high = (see(tf.constant(level)).numpy() for level in _LEVELS)
    slope = (high - low) / (_LEVELS[2] - _LEVELS[0])
    reached = slope != 0.0  # borders are padded
    slack = 0.02 * np.abs(high - low) + 1e-6  # of half precision
    if not reached.any() or np.any(np.abs(middle - (low + slope * _LEVELS[1])) > slack):
        return None
    zero = np.median(-low[reached] / slope[reached])
    return float(zero), float(np.median(1.0 / np.abs(slope[reached])))


def _first_kernels_input(graph: Any, images: str) -> str | None:
    """Return the first tensor on the way from the images that meets a kernel, or None."""
    consumers = collections.defaultdict(list)
    for node in graph.node:
        for tensor in node.input:
            consumers[_node_name(tensor)].append((tensor, node))
    waiting, known = collections.deque([images]), {images}
    while waiting:
        for tensor, node in consumers[waiting.popleft()]:
            if node.op in _KERNELS:
                return tensor if ":" in tensor else f"{tensor}:0"
            if node.op != "Shape" and not tensor.startswith("^") and node.name not in known:
                known.add(node.name)
                waiting.append(node.name)
    return None


def _ancestors(graph: Any, name: str) -> Any:
    """Return the part of a graph that a node needs, the node included."""
    nodes, needed, waiting = {node.name: node for node in graph.node}, {name}, [name]
    while waiting:
        for tensor in nodes[waiting.pop()].input:
            if _node_name(tensor) not in needed:
                needed.add(_node_name(tensor))
                waiting.append(_node_name(tensor))
    part = tf.compat.v1.GraphDef(versions=graph.versions, library=graph.library)
    part.node.extend(node for node in graph.node if node.name in needed)
    return part


def _node_name(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]
