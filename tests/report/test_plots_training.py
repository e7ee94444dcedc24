import numpy as np
import pytest

from tf_varmixup.report import learning_curves, training_batch

NAMES = ["cat", "ship", "dog"]


def soft_labels(labels, names=NAMES):
    figure = training_batch(np.zeros((len(labels), 8, 8, 3), "uint8"), labels, names)
    return [axes.texts[0].get_text() for axes in figure.axes]


def test_soft_labels_name_the_heaviest_first():
    labels = [[0.37, 0.63, 0], [0, 1, 0], [0.2, 0.3, 0.5], [0.04, 0.96, 0]]
    assert soft_labels(labels) == [
        "ship .63\n+ cat .37",
        "ship",
        "dog .50\n+ ship .30\n+ cat .20",
        "ship .96",
    ]


def test_weights_spread_thin_end_in_an_ellipsis():
    assert soft_labels(np.full((1, 50), 0.02), [f"c{number}" for number in range(50)]) == [
        "c0 .02\n+ …"
    ]
    assert soft_labels([[0.3, 0.3, 0.2, 0.2]], ["a", "b", "c", "d"]) == [
        "a .30\n+ b .30\n+ c .20\n+ …"
    ]


def test_class_names_are_shortened_and_never_read_as_mathematics():
    figure = training_batch(np.zeros((2, 8, 8, 1)), np.eye(2), ["$x", "a class of its own"])
    first, second = (axes.texts[0] for axes in figure.axes)
    assert first.get_text() == "$x"
    assert not first.get_parse_math()
    assert second.get_text() == "a class of…"


def test_training_batch_has_eight_images_per_row():
    images = np.arange(9, dtype="uint8").reshape(9, 1, 1, 1) * np.ones((9, 8, 8, 1), "uint8")
    figure = training_batch(images, np.eye(3)[[0] * 9], NAMES)
    places = [axes.get_position() for axes in figure.axes]
    assert len({round(place.y0, 6) for place in places[:8]}) == 1
    assert places[8].y1 < places[0].y0
    np.testing.assert_allclose(
        [axes.images[0].get_array()[0, 0, 0] * 255 for axes in figure.axes], np.arange(9)
    )


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError,
        match=r"Expected labels of shape \(2, 3\), a weight for each class. Received: shape \(2,\)",
    ):
        training_batch(np.zeros((2, 8, 8, 3)), [0, 1], NAMES)


def test_learning_curves_have_a_panel_for_each_quantity():
    nan = float("nan")
    history = {
        "epoch": [0, 1, 2],
        "loss": [3.0, 2.0, 1.0],
        "val_loss": [3.5, 2.5, 1.5],
        "corrupted_accuracy": [nan, 0.5, nan],
        "corrupted_error": [nan, 0.5, nan],
        "val_overconfidence_error": [0.1, 0.2, 0.3],
        "learning_rate": [0.1, 0.1, 0.01],
        "never": [nan, nan, nan],
    }
    figure = learning_curves(history)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Loss",
        "Accuracy",
        "Overconfidence error",
        "Learning rate",
    ]
    loss, accuracy, overconfidence, rate = figure.axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    np.testing.assert_array_equal(loss.lines[1].get_xydata(), [[1, 3.5], [2, 2.5], [3, 1.5]])
    assert loss.lines[0].get_marker() == "None"
    np.testing.assert_array_equal(accuracy.lines[0].get_xydata(), [[2, 0.5]])
    assert accuracy.lines[0].get_marker() == "o"
    assert accuracy.yaxis.get_major_formatter()(-0.5, 0) == "\N{MINUS SIGN}50 %"
    assert [text.get_text() for text in overconfidence.get_legend().texts] == ["validation"]
    assert rate.get_legend() is None


@pytest.mark.parametrize(
    ("column", "title", "series"),
    [
        ("overconfidence_error", "Overconfidence error", "training"),
        ("corrupted_error", "Error", "validation, corrupted"),
        ("val_signed_gap", "Signed gap", "validation"),
        ("val_kl", "KL", "validation"),
        ("val_psnr", "PSNR", "validation"),
        ("brier", "Brier score", "training"),
        ("corrupted_nll", "NLL", "validation, corrupted"),
        ("adversarial_accuracy", "Accuracy", "adversarial"),
    ],
)
def test_a_column_is_a_quantity_of_a_series(column, title, series):
    axes = learning_curves({column: [0.1, 0.2]}).axes[0]
    assert axes.get_title(loc="left") == title
    assert axes.lines[0].get_label() == series


def test_a_resumed_history_keeps_its_epochs_and_a_single_point_is_seen():
    figure = learning_curves({"epoch": [9], "loss": [1.0]})
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xydata(), [[10, 1.0]])
    assert figure.axes[0].lines[0].get_marker() == "o"
    np.testing.assert_array_equal(
        learning_curves({"loss": [2.0, 1.0]}).axes[0].lines[0].get_xdata(), [1, 2]
    )


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match=r"Received: columns \['epoch', 'loss'\]"):
        learning_curves({"epoch": [0], "loss": [float("nan")]})


def test_a_share_of_the_list_is_drawn_in_percent_and_a_score_is_not():
    for column, text in (("val_signed_gap", "5 %"), ("val_nll", "0.05")):
        axes = learning_curves({column: [0.0, 0.1]}).axes[0]
        assert axes.yaxis.get_major_formatter()(0.05, 0).endswith(text[-1:])


def test_a_nll_that_is_the_loss_is_not_drawn_twice():
    history = {"val_loss": [2.0, 1.0], "val_nll": [2.000001, 1.0], "loss": [3.0, 2.0]}
    assert len(learning_curves(history).axes) == 1
    assert len(learning_curves({**history, "val_nll": [2.1, 1.0]}).axes) == 2
    assert len(learning_curves({"val_nll": [2.0, 1.0]}).axes) == 1
