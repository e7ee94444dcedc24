import contextlib
import dataclasses
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from callbacks.periodic_evaluation import PeriodicEvaluation
from tests.harness.shared import replicas
from tf_varmixup.data import Split
from tf_varmixup.data.folder_images import FolderImages
from tf_varmixup.methods import Mixup
from tf_varmixup.run import RunFolder, history
from tf_varmixup.streaming import StreamedImages
from tf_varmixup.training import make_classifier, resumable_fit

pytestmark = pytest.mark.usefixtures("tiny_classifier")

STEPS = 3  # of an epoch of 24 images in batches of 8
EPOCHS = 3


class Interrupt(keras.callbacks.Callback):
    """Stop as Ctrl-C and SIGTERM do, at the beginning of a step."""

    def __init__(self, at):
        super().__init__()
        self.left = at

    def on_train_batch_begin(self, batch, logs=None):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1


class Spread(PeriodicEvaluation):
    """Measure something in every second epoch."""

    def evaluate(self, epoch):
        return {"spread": np.std(self.model.get_weights()[0])}


@pytest.fixture
def fit(recipe, dataset, tmp_path):
    """Fit in a folder from where it is, and return the classifier."""

    def fit(folder, *callbacks, minutes=1e-9, strategy=None, dataset=dataset, **settings):
        keras.utils.set_random_seed(1)
        settings = recipe(epochs=EPOCHS, checkpoint_minutes=minutes, **settings)
        with strategy.scope() if strategy else contextlib.nullcontext():
            classifier = make_classifier(Mixup(), dataset, settings)
        classifier.run_eagerly = strategy is None
        with RunFolder(tmp_path / folder, {"seed": 0}, resume=True) as run:
            resumable_fit(
                classifier,
                dataset,
                settings,
                run,
                "classifier",
                EPOCHS,
                [Spread(["spread"], "", every=2, from_logits=True), *callbacks],
                curves=run / "history.csv",
            )
        return classifier

    return fit


@pytest.fixture
def whole(fit, tmp_path):
    """The weights, the optimizer's variables and the curves of a training without interruption."""
    return state_of(fit("whole")), (tmp_path / "whole" / "history.csv").read_bytes()


def state_of(classifier):
    return [np.asarray(one) for one in [*classifier.variables, *classifier.optimizer.variables]]


def assert_equal(classifier, folder, whole):
    state, curves = whole
    for one, other in zip(state_of(classifier), state, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (folder / "history.csv").read_bytes() == curves


@pytest.mark.slow
def test_a_fit_that_is_stopped_anywhere_becomes_the_whole_one(fit, whole, tmp_path):
    for number, stops in enumerate([[1], [3], [2, 5]]):
        folder = tmp_path / f"stopped{number}"
        for stop in stops:
            with pytest.raises(KeyboardInterrupt):
                fit(folder, Interrupt(stop))
        assert_equal(fit(folder), folder, whole)
        assert len(list((folder / "checkpoints").glob("classifier-*"))) == 2


@pytest.mark.slow
def test_streamed_images_make_the_same_weights_also_where_the_fit_is_stopped(
    fit, whole, dataset, tmp_path
):
    def as_files(split, folder):
        folder.mkdir()
        files = [folder / f"{number:02}.png" for number in range(len(split))]
        for file, image in zip(files, split.images[..., 0], strict=True):
            Image.fromarray(image).save(file)
        return Split(StreamedImages(FolderImages("noise", files)), split.labels)

    parts = ("train", "validation", "test")
    splits = {part: as_files(getattr(dataset, part), tmp_path / part) for part in parts}
    streamed = dataclasses.replace(dataset, **splits)
    assert_equal(fit("streamed", dataset=streamed), tmp_path / "streamed", whole)
    with pytest.raises(KeyboardInterrupt):
        fit("stopped", Interrupt(STEPS + 1), dataset=streamed)
    assert_equal(fit("stopped", dataset=streamed), tmp_path / "stopped", whole)


@pytest.mark.slow
def test_on_two_replicas_a_fit_goes_on_within_an_epoch(fit, tmp_path):
    def state(classifier):  # of each replica
        variables = [*classifier.variables, *classifier.optimizer.variables]
        return [np.asarray(one) for variable in variables for one in variable.value.values]

    expected = state(fit("whole", strategy=replicas()))
    with pytest.raises(KeyboardInterrupt):
        fit("stopped", Interrupt(STEPS + 1), strategy=replicas())
    assert list((tmp_path / "stopped" / "checkpoints").glob("classifier-*4.*.npz"))
    resumed = state(fit("stopped", strategy=replicas()))
    for one, other in zip(resumed, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    whole, parts = (tmp_path / name / "history.csv" for name in ("whole", "stopped"))
    assert whole.read_bytes() == parts.read_bytes()


@pytest.mark.slow
def test_within_an_epoch_nothing_is_kept_before_it_is_time(fit, whole, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit("run", Interrupt(2), minutes=10)
    assert not list((tmp_path / "run" / "checkpoints").glob("classifier-*"))
    assert_equal(fit("run", minutes=10), tmp_path / "run", whole)


def damaged(content):
    """Return what a file can become: cut, empty, overwritten, foreign, and gone."""
    middle = len(content) // 2
    overwritten = content[:middle] + b"\x00" * 7 + content[middle + 7 :]
    return [content[:middle], b"", overwritten, b"another", None]


@pytest.mark.slow
def test_where_a_file_is_damaged_the_one_before_serves(fit, whole, tmp_path, caplog):
    with pytest.raises(KeyboardInterrupt):
        fit("stopped", Interrupt(8))
    states = sorted(path.name for path in (tmp_path / "stopped" / "checkpoints").glob("class*"))
    newest, both, curves = [states[-1]], states, ["../history.csv"]
    cases = [*((newest, way) for way in range(5)), (both, 0), (both, 4), (curves, 0), (curves, 4)]
    for number, (names, way) in enumerate(cases):
        folder = shutil.copytree(tmp_path / "stopped", tmp_path / str(number))
        for path in (folder / "checkpoints" / name for name in names):
            content = damaged(path.read_bytes())[way]
            path.unlink() if content is None else path.write_bytes(content)
        caplog.clear()
        assert_equal(fit(folder), folder, whole)
        assert ("is damaged or of another run" in caplog.text) == (names != curves and way < 4)


def test_a_training_that_diverges_says_where_and_what_to_try(fit, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if int(self.model.step) == 4:
                self.model.backbone.layers[-1].bias.assign([np.nan] * 3)

    said = (
        r"Expected a finite loss of classifier in epoch 2, step 5. Received: nan. .* diverged. "
        r"The state after step 4 is kept in .*classifier-0+4\..*npz. Try half the learning_rate"
    )
    with pytest.raises(FloatingPointError, match=said):
        fit("run", Break())
    assert history.read(tmp_path / "run" / "history.csv")["epoch"] == [0.0]


def test_weights_that_are_not_finite_are_never_kept(fit, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.backbone.layers[-1].bias.assign([np.inf] * 3)

    with pytest.raises(FloatingPointError, match="finite number for every weight of classifier"):
        fit("run", Break())
    assert not list((tmp_path / "run" / "checkpoints").glob("classifier-*"))


def test_a_finished_fit_is_not_repeated(fit, whole, tmp_path):
    assert_equal(fit("whole", Interrupt(0)), tmp_path / "whole", whole)
