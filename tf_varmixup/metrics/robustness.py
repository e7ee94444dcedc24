"""The entries of metrics of robustness, which have no formula of predictions."""

from tf_varmixup.metrics.measure import Measure

_ROWS = (
    ("mce", "mCE", "%", "lower", "error of each corruption over the baseline's, mean"),
    ("relative_mce", "Relative mCE", "%", "lower", "the same of how much the error rises"),
    ("clean_accuracy", "Accuracy without attack", "%", "higher", "images classified correctly"),
    (
        "no_gradient",
        "Without gradient",
        "%",
        "lower",
        "images that an attack did not fool, and could not see the loss of",
    ),
    (
        "linearity_error",
        "Linearity error",
        "nats",
        "lower",
        "largest departure of the loss from its tangent that was found around an image",
    ),
    (
        "total_variation",
        "Total variation",
        "",
        "lower",
        "length of the path of predictions on the line between two images",
    ),
    (
        "excess_variation",
        "Excess variation",
        "",
        "lower",
        "total variation less the distance between the predictions at both ends",
    ),
    (
        "largest_step",
        "Largest step",
        "",
        "lower",
        "largest distance between predictions at neighboring points of the line",
    ),
    ("midpoint_confidence", "Confidence halfway", "%", "", "largest probability halfway"),
    ("midpoint_entropy", "Entropy halfway", "nats", "", "entropy of the prediction halfway"),
)

# The entries of the metrics of sections `adversarial.*`, `local_linearity.*` and `interpolation.*`,
# and of mCE in `corrupted`.
SEARCHED = tuple(
    Measure(name, title, unit, better, None, description, brief=False)
    for name, title, unit, better, description in _ROWS
)

# What such sections say of the search, beside what it found.
SEARCH_SETTINGS = ("images", "radius", "step_size", "steps", "restarts", "pairs", "points")
