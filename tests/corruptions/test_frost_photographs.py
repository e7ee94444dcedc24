"""Fetching the photographs, from a stand-in for PyPI."""

import hashlib
import io
import types
import zipfile

import numpy as np
import pytest
import requests
import tensorflow as tf

from tf_varmixup.corruptions import frost_photographs as module


def archive(names=module.NAMES):
    """A wheel with small images of one level each, their number, in place of the photographs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        for number, name in enumerate(names):
            image = np.full((4, 5, 3), number, np.uint8)
            encode = tf.io.encode_png if name.endswith("png") else tf.io.encode_jpeg
            files.writestr(f"imagecorruptions/frost/{name}", encode(image).numpy())
    return buffer.getvalue()


@pytest.fixture
def pypi(monkeypatch, tmp_path):
    """What PyPI answers, how often it was asked, and the cache."""
    wheel = archive()
    state = types.SimpleNamespace(
        content=wheel, status=200, asked=0, path=tmp_path / "tf_varmixup" / module.WHEEL
    )

    def get(url, timeout):
        assert url == module.URL
        assert timeout <= 10
        state.asked += 1
        if state.content is None:
            raise requests.ConnectionError("no network")
        answer = requests.Response()
        answer._content, answer.status_code, answer.url = state.content, state.status, url
        return answer

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(wheel).hexdigest())
    monkeypatch.setattr(requests, "get", get)
    module.frost_photographs.cache_clear()
    yield state
    module.frost_photographs.cache_clear()


def test_fetched_once(pypi):
    photographs = module.frost_photographs()
    assert [photograph.shape for photograph in photographs] == [(4, 5, 3)] * 5
    assert [int(photograph[0, 0, 0]) for photograph in photographs] == [0, 1, 2, 3, 4]
    assert [path.name for path in pypi.path.parent.iterdir()] == [module.WHEEL]
    module.frost_photographs.cache_clear()
    assert len(module.frost_photographs()) == 5
    assert pypi.asked == 1


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [(None, 200, "no network"), (b"other", 200, "SHA-256"), (b"", 404, "404")],
)
def test_not_to_be_had(pypi, content, status, message):
    pypi.content, pypi.status = content, status
    with pytest.warns(UserWarning, match=f"{message}.*procedural"):
        assert module.frost_photographs() == ()
    assert not pypi.path.exists()
    assert module.frost_photographs() == ()
    assert pypi.asked == 1


def test_a_broken_file_in_the_cache_is_not_used(pypi):
    pypi.path.parent.mkdir()
    pypi.path.write_bytes(b"half")
    with pytest.warns(UserWarning, match=str(pypi.path.parent)):
        assert module.frost_photographs() == ()
    assert pypi.path.read_bytes() == b"half"


def test_a_cache_that_cannot_be_written(pypi, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(module.frost_photographs()) == 5


def test_while_a_graph_is_traced(pypi):
    assert tf.function(lambda: tf.constant(module.frost_photographs()[3]))().shape == (4, 5, 3)
