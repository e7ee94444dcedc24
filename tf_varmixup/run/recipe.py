"""The recipe of a run: every setting, in one frozen object.

The flags of the command line, config.json and what makes two runs the same experiment are all read
off the fields below, so that a new setting is one field.
"""

import dataclasses
import math
import pathlib
import typing
from collections.abc import Mapping
from typing import Any, Literal

from tf_varmixup.checks import Count, Fraction, Positive, Share, check_annotated, check_installed
from tf_varmixup.run.presets import PRESETS, SMALLEST_NUMBER_OF_STEPS

# What a field says about a run. Runs of one experiment agree in all of its settings; they may
# differ in seed, in where things lie, and in how the command was put.
EXPERIMENT, SEED, PATH, COMMAND = "experiment", "seed", "path", "command"


def _field(help: str, role: str = EXPERIMENT, **metadata: Any) -> Any:
    default = metadata.pop("default", None)
    metadata |= {"help": help, "role": role}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All settings of a run; those that are None are decided by `resolved`.

    Example:
        >>> recipe = Recipe(dataset="digits", method="mixup", method_parameters={"alpha": 0.2})
        >>> recipe.config()["alpha"], recipe.config()["seed"]
        (0.2, 0)
    """

    dataset: str = _field(
        "TFDS image-classification dataset, 'digits' (no network needed), or a folder of class "
        "folders",
        default=dataclasses.MISSING,
        metavar="NAME",
    )
    data_dir: str | None = _field(
        "TFDS' data folder (default: TFDS_DATA_DIR, or TFDS' own)", PATH, metavar="DIR"
    )
    image_size: Count | None = _field(
        "resize images to N x N, needed where their sizes differ", smallest=8
    )
    stream: bool = _field(
        "decode images when they are needed and keep none in memory, as is done anyway where they "
        "exceed half of it",
        COMMAND,
        default=False,
    )
    preset: Literal["quick", "default", "best"] = _field(
        "how long to train and how much to measure", default="default"
    )
    method: str = _field(
        "way of training, see below, module:Class for one of your own, or several with + between "
        "them",
        default="varmixup",
        metavar="NAME",
    )
    method_parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    mix_in: Literal["step", "data"] = _field(
        "draw from the vicinity in train_step or in the tf.data graph", default="step"
    )
    vae: pathlib.Path | None = _field(
        "a vae.keras, or a run that holds one, instead of training the VAE",
        PATH,
        metavar="FILE_OR_RUN",
    )
    classifier: str | None = _field(
        "airbench, compact[-WIDTH], resnet18, resnet34, wrn-DEPTH-WIDTH, or keras:NAME, such as "
        "keras:EfficientNetV2B0 (default: the preset's)",
        metavar="NAME",
    )
    classifier_weights: pathlib.Path | None = _field(
        "weights that a classifier keras:NAME begins with, without its top (default: random ones)",
        PATH,
        metavar="FILE",
    )
    epochs: Count | None = _field("epochs of the classifier (default: the preset's)")
    vae_epochs: Count | None = _field("epochs of the VAE (default: the preset's)")
    vae_latent: Literal["spatial", "flat", "circles"] | None = _field(
        "the VAE's latents: a map, a vector, or a map of points on circles (default: the preset's)",
        former="spatial",
    )
    likelihood_scale: Positive | None = _field(
        "standard deviation of the VAE's likelihood, in units of images in [0, 1]; the larger, the "
        "less its latents hold (default: the preset's)",
        former=0.05,
        metavar="S",
    )
    vae_objective: Literal["elbo", "mmd"] = _field(
        "what the VAE's training minimizes beside the squared error: the divergence of each "
        "posterior from the prior, or InfoVAE's maximum mean discrepancy of all together",
        default="elbo",
    )
    vae_adversarial_radius: Fraction = _field(
        "how far the VAE's training images are perturbed against it, in units of images in [0, 1]; "
        "it is to reconstruct the clean ones",
        default=0.0,
        metavar="R",
    )
    corruption_pictures: Count | None = _field(
        "test images for each corruption and severity (default: the preset's)"
    )
    corruption_dir: pathlib.Path | None = _field(
        "published corrupted images, read instead: a folder of fog.npy, ..., labels.npy, or TFDS' "
        "with cifar10_corrupted",
        PATH,
        metavar="DIR",
    )
    batch_size: Count | None = _field(
        "the classifier's, of which the autoencoder takes 128 at most (default: the preset's, 128 "
        "below 25,000 training images, 64 below 10,000)"
    )
    optimizer: Literal["sgd", "muon"] | None = _field(
        "stochastic gradient descent with Nesterov's momentum, or Muon, which orthogonalizes the "
        "steps of convolutions and needs a normalization after each (default: the preset's, sgd "
        "for wrn-DEPTH-WIDTH and keras:NAME)",
        former="sgd",
    )
    learning_rate: Positive | None = _field(
        "the classifier's highest, for a batch of 256, to which it is proportional (default: the "
        "preset's)",
        metavar="R",
    )
    weight_decay: Share | None = _field(
        "share that a weight loses per step, times the learning rate; apart from the gradient "
        "(default: the preset's)",
        metavar="W",
    )
    shift: Share | None = _field(
        "share of their height, a pixel at least, by which training images shift at most "
        "(default: the preset's)",
        metavar="S",
    )
    flip: bool | None = _field(
        "mirror training images left to right (default: where the dataset's images keep their "
        "class)"
    )
    seed: int = _field("the run's seed", SEED, default=0, smallest=0)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = _field(
        "auto: bfloat16 where the hardware has it", default="auto"
    )
    strategy: Literal["auto", "none", "mirrored", "multi_worker", "tpu"] = _field(
        "tf.distribute strategy; auto: mirrored with several GPUs; multi_worker: as the "
        "environment variable TF_CONFIG says",
        default="auto",
    )
    run_dir: pathlib.Path | None = _field(
        "the run's folder (default: runs/DATASET-METHOD-seedSEED)", PATH, metavar="DIR"
    )
    tensorboard: bool = _field(
        "show the training in TensorBoard too, from the run's folder tensorboard/ (needs pip "
        "install tf-varmixup[tensorboard])",
        COMMAND,
        default=False,
    )
    export: tuple[Literal["savedmodel", "litert", "onnx"], ...] = _field(
        "formats of the trained classifier; savedmodel is always written, litert needs pip install "
        "tf-varmixup[litert], onnx tf-varmixup[onnx]",
        COMMAND,
        default=("savedmodel",),
    )
    resume: bool = _field("resume an unfinished run", COMMAND, default=False)
    checkpoint_minutes: Positive = _field(
        "how often the state of a training is kept within an epoch; it is kept after each as well",
        COMMAND,
        default=10.0,
        metavar="MINUTES",
    )
    command: str | None = dataclasses.field(default=None, metadata={"role": COMMAND})
    # What was found where the paths lead, see `digests`. Runs may have autoencoders of their own.
    data_digest: str | None = dataclasses.field(default=None, metadata={"role": EXPERIMENT})
    classifier_weights_digest: str | None = dataclasses.field(
        default=None, metadata={"role": EXPERIMENT}
    )
    vae_digest: str | None = dataclasses.field(default=None, metadata={"role": PATH})
    corruption_digest: str | None = dataclasses.field(default=None, metadata={"role": PATH})

    def __post_init__(self) -> None:
        object.__setattr__(self, "export", tuple(self.export))  # config.json has lists
        for name, annotation in typing.get_type_hints(Recipe, include_extras=True).items():
            check_annotated(name, annotation, getattr(self, name))
        if self.optimizer is None and (self.classifier or "").startswith(("keras:", "wrn-")):
            # Not all of their convolutions are normalized; Keras' may have been trained already.
            object.__setattr__(self, "optimizer", "sgd")
        for name, value in PRESETS[self.preset].items():
            # How many images and epochs depends on the dataset.
            if getattr(self, name) is None and name not in _RESOLVED_LATER:
                object.__setattr__(self, name, value)
        of_the_vae = ("vae_latent", "likelihood_scale", "vae_objective", "vae_adversarial_radius")
        for name in of_the_vae:
            value = getattr(self, name)
            is_given = value != Recipe.__dataclass_fields__[name].default
            if self.vae is not None and is_given and type(self) is Recipe:
                raise ValueError(
                    f"Expected {name} to be left out with vae, which has its own. "
                    f"Received: {value!r}."
                )
        if self.seed >= 2**32:
            raise ValueError(f"Expected seed to be below 2**32. Received: {self.seed}.")
        if self.tensorboard:
            check_installed("tensorboard", "tensorboard")
        for format in self.export:
            for package in _PACKAGES.get(format, ()):
                check_installed(package, format)
        if self.mix_in == "data" and self.strategy not in ("auto", "none"):
            raise ValueError(
                "Expected strategy 'none' with mix_in 'data': in the tf.data graph, batches are "
                f"mixed on one host before they are distributed. Received: {self.strategy!r}."
            )

    def resolved(
        self, num_images: int, num_test_images: int, flip: bool, precision: str, strategy: str
    ) -> "ResolvedRecipe":
        """Fill in what the preset, the dataset and the hardware decide.

        Args:
            num_images: Number of training images.
            num_test_images: Number of test images.
            flip: Whether images of the dataset keep their class when mirrored.
            precision: What "auto" is on this hardware.
            strategy: What "auto" is on this hardware.

        Returns:
            A `ResolvedRecipe`.

        Example:
            >>> recipe = Recipe("cifar10").resolved(45_000, 10_000, True, "float32", "none")
            >>> recipe.batch_size, recipe.epochs
            (256, 10)
        """
        preset = PRESETS[self.preset]
        few = 64 if num_images < 10_000 else 128 if num_images < 25_000 else math.inf
        batch_size = self.batch_size or min(preset["batch_size"], few)
        batch_size = min(batch_size, num_images)
        enough = math.ceil(SMALLEST_NUMBER_OF_STEPS[self.preset] / (num_images // batch_size))
        measured = self.corruption_pictures or preset["corruption_pictures"] or num_test_images
        settings = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        settings |= dict(
            batch_size=batch_size,
            epochs=self.epochs or max(preset["epochs"], enough),
            vae_epochs=self.vae_epochs or max(preset["vae_epochs"], enough),
            vae_latent=self.vae_latent or preset["vae_latent"],
            likelihood_scale=self.likelihood_scale or preset["likelihood_scale"],
            corruption_pictures=min(measured, num_test_images),
            flip=flip if self.flip is None else self.flip,
            precision=precision if self.precision == "auto" else self.precision,
            strategy=strategy if self.strategy == "auto" else self.strategy,
        )
        return ResolvedRecipe(**settings)

    def config(self) -> dict[str, Any]:
        """Return the contents of config.json: every setting, the method's parameters among them."""
        config: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name == "method_parameters":
                config |= value
            else:
                if isinstance(value, tuple):
                    value = list(value)  # as JSON has it
                config[field.name] = str(value) if isinstance(value, pathlib.Path) else value
        return config

    def folder(self) -> pathlib.Path:
        """Return the run's folder."""
        if self.run_dir is not None:
            return self.run_dir
        path = pathlib.Path(self.dataset)
        name = path.resolve().name if path.is_dir() else self.dataset.replace("/", "-")
        method = self.method.replace(":", "-")
        return pathlib.Path("runs") / f"{name}-{method}-seed{self.seed}"


@dataclasses.dataclass(frozen=True)
class ResolvedRecipe(Recipe):
    """A recipe in which everything is decided: None is left in paths and `image_size` alone."""

    classifier: str = ""
    epochs: int = 0
    vae_epochs: int = 0
    vae_latent: Literal["spatial", "flat", "circles"] = "spatial"
    likelihood_scale: float = 0.0
    corruption_pictures: int = 0
    batch_size: int = 0
    optimizer: Literal["sgd", "muon"] = "sgd"
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    shift: float = 0.0
    flip: bool = False


# What the extras of the formats bring.
_PACKAGES = {"litert": ("ai_edge_litert",), "onnx": ("tf2onnx", "onnxruntime")}
_RESOLVED_LATER = (
    "epochs",
    "batch_size",
    "vae_epochs",
    "vae_latent",
    "likelihood_scale",
    "corruption_pictures",
)


def roles() -> dict[str, str]:
    """Return what each field says about a run: `EXPERIMENT`, `SEED`, `PATH` or `COMMAND`.

    Example:
        >>> roles()["learning_rate"], roles()["run_dir"]
        ('experiment', 'path')
    """
    return {field.name: field.metadata.get("role", EXPERIMENT) for field in _fields()}


def defaults() -> dict[str, Any]:
    """Return what each field was for a version whose config.json has no such field.

    That is its default, unless the field says otherwise.

    Example:
        >>> defaults()["likelihood_scale"], defaults()["seed"]
        (0.05, 0)
    """
    return {field.name: field.metadata.get("former", field.default) for field in _fields()}


def _fields() -> list[dataclasses.Field[Any]]:
    fields = dataclasses.fields(Recipe)
    return [field for field in fields if field.name != "method_parameters"]
