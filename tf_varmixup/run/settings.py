"""What a run can be told on the command line."""

import math
import pathlib
import shlex
import sys

from tf_varmixup.methods import methods
from tf_varmixup.methods.latent import LATENTS
from tf_varmixup.methods.pairwise import LAMBDA_PER
from tf_varmixup.run.arguments import OneLineParser, positive, share, whole_number

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
STRATEGIES = ("auto", "none", "mirrored", "multi_worker", "tpu")

# What a preset decides unless the flag of that name is given; `corruption_pictures` is the number
# of test pictures a cell, None for all. `best` has the literature's optimisation and shifts;
# `default` is tuned for ten epochs of its classifier.
PRESETS = {
    "quick": {
        "classifier": "compact",
        "epochs": 2,
        "vae_epochs": 2,
        "corruption_pictures": 500,
        "learning_rate": 0.4,
        "weight_decay": 5e-3,
        "shift": 1 / 8,
    },
    "default": {
        "classifier": "airbench",
        "epochs": 10,
        "vae_epochs": 6,
        "corruption_pictures": None,
        "learning_rate": 0.2,
        "weight_decay": 1.5e-2,
        "shift": 1 / 16,
    },
    "best": {
        "classifier": "resnet18",
        "epochs": 100,
        "vae_epochs": 30,
        "corruption_pictures": None,
        "learning_rate": 0.2,
        "weight_decay": 5e-3,
        "shift": 1 / 8,
    },
}
# An epoch of a small data set is only a few steps: a preset's epochs are as many as it takes to
# reach these.
SMALLEST_NUMBER_OF_STEPS = {"quick": 250, "default": 1000, "best": 4000}


def parse_settings(arguments=None, check_classifier=None):
    """Read the command line into the settings of a run.

    Args:
        arguments: list of strings; None is the process's own.
        check_classifier: function that raises ValueError for the name of an unknown classifier.

    Returns:
        An `argparse.Namespace`; `command` is the command line itself. What depends on the data is
        None until `resolve` decides it.

    Raises:
        SystemExit: with status 2 and one line on standard error, for an unknown flag or a bad
            value.

    Example:
        >>> parse_settings(["--dataset", "digits", "--preset", "quick"]).method
        'varmixup'
    """
    parser = _parser()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    settings = parser.parse_args(arguments)
    for name in ("classifier", "learning_rate", "weight_decay", "shift"):
        if getattr(settings, name) is None:
            setattr(settings, name, PRESETS[settings.preset][name])
    try:
        if check_classifier is not None:
            check_classifier(settings.classifier)
    except ValueError as error:
        parser.error(f"argument --classifier: {error}")
    if settings.mix_in == "data" and settings.strategy not in ("auto", "none"):
        parser.error(
            "argument --mix_in: in the tf.data graph batches are mixed on one host before they are distributed; use --strategy none"
        )
    settings.command = "python train.py " + shlex.join(arguments)
    return settings


def resolve(settings, num_pictures, num_test_pictures):
    """Fill in what the preset and the size of the data set decide.

    Args:
        settings: what `parse_settings` returned; changed in place.
        num_pictures: number of training pictures.
        num_test_pictures: number of test pictures.

    Returns:
        The settings.

    Example:
        >>> resolve(parse_settings(["--dataset", "cifar10"]), 45_000, 10_000).batch_size
        128
    """
    if settings.batch_size is None:
        settings.batch_size = 128 if num_pictures >= 10_000 else 64
    settings.batch_size = min(settings.batch_size, num_pictures)
    preset = PRESETS[settings.preset]
    enough = math.ceil(
        SMALLEST_NUMBER_OF_STEPS[settings.preset] / (num_pictures // settings.batch_size)
    )
    for name in ("epochs", "vae_epochs"):
        if getattr(settings, name) is None:
            setattr(settings, name, max(preset[name], enough))
    if settings.corruption_pictures is None:
        settings.corruption_pictures = preset["corruption_pictures"] or num_test_pictures
    settings.corruption_pictures = min(settings.corruption_pictures, num_test_pictures)
    return settings


def _parser():
    parser = OneLineParser(
        prog="train.py",
        allow_abbrev=False,
        description="Train a variational autoencoder and, on its latent vicinity, a classifier; measure, export and report it.",
    )
    add = parser.add_argument
    data = "TFDS image-classification data set, 'digits' (no network needed), or a folder of class folders"
    add("--dataset", required=True, metavar="NAME", help=data)
    add(
        "--data_dir", metavar="DIR", help="TFDS' data folder (default: TFDS_DATA_DIR, or TFDS' own)"
    )
    add(
        "--image_size",
        type=whole_number(8),
        metavar="N",
        help="resize pictures to N x N, needed where their sizes differ",
    )
    add(
        "--preset",
        choices=PRESETS,
        default="default",
        help="how long to train and how much to measure",
    )
    add(
        "--method",
        choices=methods(),
        default="varmixup",
        help="vicinal distribution to train on (default: varmixup)",
    )
    add(
        "--alpha",
        type=positive,
        default=1.0,
        metavar="A",
        help="mixing weights are drawn from Beta(A, A) (default: 1)",
    )
    add(
        "--lambda_per",
        choices=LAMBDA_PER,
        default="picture",
        help="what each mixing weight is drawn for (default: picture)",
    )
    add(
        "--latents",
        choices=LATENTS,
        default="mean",
        help="mix the posterior's means or draws from it (default: mean)",
    )
    add(
        "--clean_share",
        type=share,
        default=0.0,
        metavar="S",
        help="share of each batch left as it is, varmixup only (default: 0)",
    )
    add(
        "--mix_in",
        choices=("step", "data"),
        default="step",
        help="mix in train_step or in the tf.data graph (default: step)",
    )
    add(
        "--vae",
        type=pathlib.Path,
        metavar="FILE_OR_RUN",
        help="a vae.keras, or a run that holds one, instead of training the VAE",
    )
    add(
        "--classifier",
        metavar="NAME",
        help="airbench, compact, resnet18, resnet34, wrn-DEPTH-WIDTH (default: the preset's)",
    )
    add(
        "--epochs",
        type=whole_number(1),
        metavar="N",
        help="epochs of the classifier (default: the preset's)",
    )
    add(
        "--vae_epochs",
        type=whole_number(1),
        metavar="N",
        help="epochs of the VAE (default: the preset's)",
    )
    add(
        "--corruption_pictures",
        type=whole_number(1),
        metavar="N",
        help="test pictures for each corruption and severity (default: the preset's)",
    )
    published = "published corrupted pictures, read instead: a folder of fog.npy, ..., labels.npy, or TFDS' with cifar10_corrupted"
    add("--corruption_dir", type=pathlib.Path, metavar="DIR", help=published)
    add(
        "--batch_size",
        type=whole_number(1),
        metavar="N",
        help="default: 128, or 64 below 10,000 training pictures",
    )
    rate = "the classifier's highest, for a batch of 256, to which it is proportional (default: the preset's)"
    add("--learning_rate", type=positive, metavar="R", help=rate)
    decay = "share that a weight loses in a step, times the learning rate; apart from the gradient (default: the preset's)"
    add("--weight_decay", type=share, metavar="W", help=decay)
    shift = "share of their height, a pixel at least, by which training pictures shift at most (default: the preset's)"
    add("--shift", type=share, metavar="S", help=shift)
    add("--seed", type=whole_number(0), default=0, metavar="N", help="the run's seed (default: 0)")
    add(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="auto: bfloat16 where the hardware has it (default: auto)",
    )
    add(
        "--strategy",
        choices=STRATEGIES,
        default="auto",
        help="tf.distribute strategy; auto: mirrored with several GPUs (default: auto)",
    )
    add("--run_dir", type=pathlib.Path, metavar="DIR", help="default: runs/DATASET-METHOD-seedSEED")
    add("--resume", action="store_true", help="go on with an unfinished run")
    return parser
