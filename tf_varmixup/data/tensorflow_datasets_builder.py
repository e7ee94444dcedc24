"""Find, download and prepare datasets with TensorFlow Datasets (TFDS)."""

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

import requests
import tensorflow_datasets as tfds
from absl import logging
from tensorflow_datasets.core import read_only_builder


def dataset_names() -> list[str]:
    """Return the names of all datasets that the installed TFDS knows, without the network.

    Returns:
        The names.

    Example:
        >>> "cifar10" in dataset_names()
        True
    """
    return tfds.list_builders(with_community_datasets=False)


def is_prepared(name: str, data_dir: str | os.PathLike[str] | None = None) -> bool:
    """Return whether a dataset that TFDS has no code for lies prepared in the data folder.

    Args:
        name: Its name, with or without a configuration and a version.
        data_dir: TFDS' data folder, or None for the default.

    Returns:
        Whether it is there.

    Example:
        >>> is_prepared("my_own_images", "no_such_folder")
        False
    """
    return (
        bool(re.fullmatch(r"\w+(/[\w.\-]+)?(:[\d.]+)?", name))
        and _prepared_builder(name, data_folder(data_dir)) is not None
    )


def dataset_builder(name: str, data_dir: str | None) -> Any:
    """Return TFDS' builder of a dataset, which knows its features but may not be prepared yet.

    Args:
        name: Such as `"cifar10"` or `"emnist/letters"`.
        data_dir: TFDS' data folder, or None for the default.

    Returns:
        A `tfds.core.DatasetBuilder`.

    Raises:
        ValueError: If TFDS has no such dataset.

    Example:
        >>> dataset_builder("mnist", None).info.features["image"].shape
        (28, 28, 1)
    """
    try:
        with quiet():
            return tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except Exception as error:
        raise ValueError(
            f"Expected a dataset that TFDS can give. Received: {name!r} ({_first_line(error)})."
        ) from error


def prepared_builder(name: str, data_dir: str | None, builder: Any) -> Any:
    """Return the builder of a dataset that is prepared, downloading it first if need be.

    Args:
        name: Such as `"cifar10"` or `"emnist/letters"`.
        data_dir: TFDS' data folder, or None for the default.
        builder: What `dataset_builder` returned.

    Returns:
        A `tfds.core.DatasetBuilder`; of another version if that one is prepared.

    Raises:
        ConnectionError: If the dataset is not prepared and cannot be downloaded.
    """
    with quiet():
        prepared = builder.is_prepared()
    if prepared:
        return builder
    return _prepared_builder(name, data_dir) or _downloaded(name, data_dir, builder)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence TFDS' warnings while a `with` block runs.

    They are on folders that are not there and on its own old names; what is missing is said in an
    error of ours.
    """
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def data_folder(data_dir: str | os.PathLike[str] | None) -> str | None:
    """Return TFDS' data folder: the one that is given, else the environment's, else None.

    Args:
        data_dir: Path, with or without `~`; None takes the environment variable `TFDS_DATA_DIR`.

    Returns:
        A path, or None for TFDS' default.

    Example:
        >>> data_folder("data")
        'data'
    """
    # TFDS reads the variable when it is imported, which may be too early.
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR")
    return os.path.expanduser(data_dir) if data_dir else None


def _prepared_builder(name: str, data_dir: str | None) -> Any:
    """The dataset as it lies in the data folder, whatever its version; None if it is not there."""
    name, _, version = name.partition(":")
    name, _, config = name.partition("/")
    arguments = {key: value for key, value in (("version", version), ("config", config)) if value}
    try:
        with quiet():
            return read_only_builder.builder_from_files(name, data_dir=data_dir, **arguments)
    except (tfds.core.DatasetNotFoundError, OSError):
        return None


def _downloaded(name: str, data_dir: str | None, builder: Any) -> Any:
    try:
        _check_network(builder)
        builder.download_and_prepare()
        return builder
    except Exception as error:
        raise ConnectionError(
            f"Expected {name!r} prepared in {data_dir or tfds.core.constants.DATA_DIR}, or a "
            f"network to download it from. Received: {_first_line(error)}. Name a TFDS data "
            "folder that has it with data_dir or TFDS_DATA_DIR, or load 'digits', which needs no "
            "network."
        ) from error


def _check_network(builder: Any) -> None:
    """Ask once for the first file; TFDS itself asks for minutes where there is no network."""
    url = next((url for url in builder.url_infos or () if url.startswith("http")), None)
    if url is None:
        return
    try:
        requests.head(url, timeout=10)
    except requests.exceptions.SSLError:
        return
    except requests.exceptions.ConnectionError as error:
        raise ConnectionError(f"no connection to {url}") from error
    except requests.exceptions.RequestException:
        return  # there is a network, whatever this server makes of such a question


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__
