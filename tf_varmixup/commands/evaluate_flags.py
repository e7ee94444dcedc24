"""The flags of `python -m tf_varmixup.evaluate`."""

import argparse
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from tf_varmixup.commands.arguments import OneLineParser, positive, whole_number
from tf_varmixup.corruptions.names import CORRUPTIONS, GROUPS

RANGES = {"0,255": (0, 255), "0,1": (0, 1), "-1,1": (-1, 1)}
# What attacks and the search for local linearity share, with its default.
ATTACK = {"attack_norm": "linf", "attack_radius": None, "attack_images": 1000}
PGD = {"attack_steps": 20, "attack_restarts": 1}
RADII = {"linf": 8 / 255, "l2": 0.5}
# Parameters of the library that are flags here.
FLAGS = [
    "data_dir",
    "image_size",
    "from_logits",
    "value_range",
    "corruption_dir",
    "batch_size",
    "vae",
]


def parse_evaluation(program: str, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line of an evaluation.

    Args:
        program: What the messages call the program.
        arguments: List of strings; None is the process's own.

    Returns:
        A namespace; `corruptions` is a tuple of names, and what has no effect is None.

    Raises:
        SystemExit: With status 2 and one line for bad input, with status 0 for `--help`.

    Example:
        >>> given = ["my_run", "--output", "measured", "--corruptions", "fog", "--attack", "fgsm"]
        >>> options = parse_evaluation("evaluate", given)
        >>> options.corruptions, round(options.attack_radius, 4)
        (('fog',), 0.0314)
    """
    parser = _parser(program)
    options = parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))
    options.attack = None if options.attack == "none" else options.attack
    names = options.corruptions
    if len(names) > 1 and not set(names) <= set(CORRUPTIONS):
        parser.error(
            "argument --corruptions: expected names of corruptions, or one of none, "
            f"{', '.join(GROUPS)}; received {' '.join(names)}"
        )
    options.corruptions = () if names == ["none"] else tuple(GROUPS.get(names[0], names))
    for name in ("baseline", "corruption_dir", "corruption_images"):
        if getattr(options, name) is not None and not options.corruptions:
            parser.error(f"argument --{name}: without an effect where --corruptions is none")
    searches = options.attack is not None or options.local_linearity
    for defaults, applies, where in (
        (ATTACK, searches, "--attack or --local_linearity"),
        (PGD, options.attack == "pgd", "--attack pgd"),
    ):
        for name, default in defaults.items():
            if not applies and getattr(options, name) is not None:
                parser.error(f"argument --{name}: without an effect unless there is {where}")
            if applies and getattr(options, name) is None:
                setattr(options, name, default)
    if options.vae is not None and not options.interpolation:
        parser.error("argument --vae: without an effect unless there is --interpolation")
    if options.mixup_inference is not None and (searches or options.interpolation):
        parser.error(
            "argument --mixup_inference: not together with --attack, --local_linearity or "
            "--interpolation, which are of the classifier itself"
        )
    if searches and options.attack_radius is None:
        options.attack_radius = RADII[options.attack_norm]
    if options.output.exists() and not options.output.is_dir():
        parser.error(f"argument --output: {options.output} is a file; expected a folder")
    return options


class RangeParser(OneLineParser):
    """A parser of commands that have `--value_range`.

    Example:
        >>> parser = RangeParser(prog="evaluate")
        >>> action = parser.add_argument("--value_range", type=value_range)
        >>> parser.parse_args(["--value_range", "-1,1"]).value_range
        (-1, 1)
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as `OneLineParser` does, `--value_range -1,1` too."""
        # Python takes "-1,1" for a flag unless it is written as one word with its own.
        if args is not None and "-1,1" in args[1:]:
            place = [*args].index("-1,1")
            args = [*args[: place - 1], f"{args[place - 1]}=-1,1", *args[place + 1 :]]
        return super().parse_args(args, namespace)


def _parser(program: str) -> OneLineParser:
    parser = RangeParser(
        prog=program,
        allow_abbrev=False,
        description="Measure any classifier: accuracy and calibration on clean and on corrupted "
        "images, under attack, and on images of another dataset.",
    )
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run, a .keras file, a SavedModel, or module:function")
    add("--output", required=True, type=pathlib.Path, metavar="DIR", help="folder of the results")
    add(
        "--dataset",
        metavar="NAME",
        help="TFDS image-classification dataset, 'digits', or a folder of class folders (default: "
        "that of a run)",
    )
    add(
        "--data_dir", metavar="DIR", help="TFDS' data folder (default: TFDS_DATA_DIR, or TFDS' own)"
    )
    add(
        "--from_logits",
        action=argparse.BooleanOptionalAction,
        help="whether the model returns logits, or else probabilities (default: found out)",
    )
    add(
        "--value_range",
        type=value_range,
        metavar="LOW,HIGH",
        help="images that the model takes: 0,255 or 0,1 or -1,1 (default: found out)",
    )
    known = ("none", *GROUPS, *CORRUPTIONS)
    add(
        "--corruptions",
        nargs="+",
        choices=known,
        default=["benchmark"],
        metavar="NAME",
        help=f"some of {', '.join(known)} (default: benchmark, the 15 that count)",
    )
    for name, smallest, help in (
        ("image_size", 8, "resize images to N x N (default: a folder's to what the model takes)"),
        ("batch_size", 1, "images at once (default: 500, fewer of more than 64 x 64)"),
        (
            "corruption_images",
            1,
            "the first N test images under corruptions (default: a run's, all)",
        ),
        ("seed", 0, "what corruptions and attacks draw from (default: a run's, or 0)"),
    ):
        add(f"--{name}", type=whole_number(smallest), metavar="N", help=help)
    add(
        "--corruption_dir",
        type=pathlib.Path,
        metavar="DIR",
        help="published corrupted images, read instead (default: those of a run)",
    )
    add(
        "--temperature",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="fit temperature and vector scaling on the validation images (default: yes)",
    )
    add(
        "--baseline",
        type=pathlib.Path,
        metavar="RUN_OR_CSV",
        help="a run, or a CSV file with corruption, severity and error, for mCE and relative mCE",
    )
    add(
        "--ood",
        metavar="NAME",
        help="another dataset, whose test images are to be told from those of --dataset",
    )
    add(
        "--interpolation",
        action="store_true",
        help="measure how smoothly predictions change on lines between test images, through "
        "pixels and through the latents of an autoencoder",
    )
    add(
        "--vae",
        type=pathlib.Path,
        metavar="FILE",
        help="autoencoder of --interpolation, or a run that holds one (default: that of a run)",
    )
    add(
        "--mixup_inference",
        choices=("other", "predicted", "combined"),
        help="measure the classifier with its images mixed with training images, of other classes, "
        "of the predicted one, or both; takes 31, 11 or 21 times as long (default: as it is)",
    )
    _add_attacks(parser.add_argument_group("attacks"))
    return parser


def _add_attacks(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--attack", choices=("none", "fgsm", "pgd"), help="attack the test images (default: none)")
    add(
        "--local_linearity",
        action="store_true",
        help="search how far the loss around test images departs from its tangent",
    )
    add("--attack_norm", choices=("linf", "l2"), help="of the radius (default: linf)")
    add(
        "--attack_radius",
        type=_radius,
        metavar="R",
        help="in units of images in [0, 1] (default: 8/255, or 0.5 for l2)",
    )
    for name, help in (
        ("attack_steps", "steps of pgd (default: 20)"),
        ("attack_restarts", "random starts of pgd (default: 1)"),
        ("attack_images", "only the first N test images (default: 1000)"),
    ):
        add(f"--{name}", type=whole_number(1), metavar="N", help=help)


def _radius(text: str) -> float:
    top, _, below = text.partition("/")  # 8/255 is how papers write it
    if not below:
        return positive(text)
    return positive(str(positive(top) / positive(below)))


def value_range(text: str) -> tuple[int, int]:
    """Argument type: the range of the images that a model takes."""
    if text.replace(" ", "") not in RANGES:
        raise argparse.ArgumentTypeError(
            f"expected one of {', '.join(map(repr, RANGES))}, received {text!r}"
        )
    return RANGES[text.replace(" ", "")]
