"""Networks that are run with what some of their layers return changed."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import tensorflow as tf

from tf_varmixup.checks import suggestion

Change = Callable[[tf.Tensor], tf.Tensor]


def run_changed(network: keras.Model, images: tf.Tensor, changes: Mapping[str, Change]) -> Any:
    """Run a network in training mode, and change what layers return before others see it.

    It is run as it is, whatever way leads around such a layer; nothing is divided or copied.

    Args:
        network: Functional or `keras.Sequential` model of one input.
        images: Tensor `(B, H, W, C)` as the network takes them.
        changes: Functions from a layer's output to what is to stand in its place, by the layer's
            name; `"model/layer"` is the layer of a model inside the network.

    Returns:
        What the network returns.

    Raises:
        ValueError: If the network has no such layer, or runs it more than once.

    Example:
        >>> inputs = keras.Input((4, 4, 1))
        >>> twice = keras.layers.Rescaling(2.0, name="twice")(inputs)
        >>> model = keras.Model(inputs, keras.layers.GlobalMaxPooling2D()(twice))
        >>> float(run_changed(model, np.ones((1, 4, 4, 1)), {"twice": lambda x: x + 5.0})[0, 0])
        7.0
    """
    check_layers(network, changes)
    return _run(network, tf.cast(images, tf.float32), changes)


def check_layers(network: Any, names: Iterable[str]) -> None:
    """Raise ValueError unless a network can be run with the outputs of these layers changed.

    Args:
        network: Functional or `keras.Sequential` model.
        names: Names of layers, as of `run_changed`.

    Raises:
        ValueError: If it is no such model, or has no such layer; the message names those it has.

    Example:
        >>> from models import compact
        >>> check_layers(compact((8, 8, 1), 10), ["stage1", "stage2"])
    """
    if not isinstance(network, keras.Function | keras.Sequential):
        raise ValueError(
            "Expected a functional or Sequential model, whose layers are known. "
            f"Received: {type(network).__name__}."
        )
    known = _layer_names(network)
    for name in names:
        if name not in known:
            raise ValueError(
                f"Expected a layer of {network.name}: {', '.join(known)}. "
                f"Received: {name!r}.{suggestion(name, known)}"
            )


def _layer_names(network: Any) -> list[str]:
    names = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        names.append(layer.name)
        if isinstance(layer, keras.Function | keras.Sequential):
            names += [f"{layer.name}/{inner}" for inner in _layer_names(layer)]
    return names


def _run(network: Any, inputs: Any, changes: Mapping[str, Change]) -> Any:
    ran: set[str] = set()

    def changed(layer: Any) -> Callable[..., Any]:
        inner = {
            name.removeprefix(f"{layer.name}/"): change
            for name, change in changes.items()
            if name.startswith(f"{layer.name}/")
        }
        change = changes.get(layer.name)
        takes_training = "training" in inspect.signature(layer.call).parameters

        def call(*args: Any, **kwargs: Any) -> Any:
            if inner or change is not None:
                if layer.name in ran:
                    raise ValueError(
                        "Expected a layer that the network runs once. "
                        f"Received: {layer.name!r}, which it runs more often."
                    )
                ran.add(layer.name)
            if inner:
                outputs = _run(layer, args[0], inner)
            else:
                outputs = layer(
                    *args, **(kwargs | {"training": True} if takes_training else kwargs)
                )
            return outputs if change is None else change(outputs)

        return call

    if isinstance(network, keras.Sequential):
        for layer in network.layers:
            inputs = changed(layer)(inputs)
        return inputs
    # Keras has no public way to run a model's graph with other outputs of its layers.
    outputs = network._run_through_graph(inputs, operation_fn=changed)
    return outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
