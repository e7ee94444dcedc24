"""Pictures in (TFDS, scikit-learn's digits, folders), `tf.data` pipelines out."""

from tf_varmixup.data.augmentation import augment
from tf_varmixup.data.image_data import ImageData
from tf_varmixup.data.load import load_data
from tf_varmixup.data.pipeline import evaluation_batches, steps_per_epoch, training_batches
from tf_varmixup.data.split import Split

__all__ = [
    "ImageData",
    "Split",
    "augment",
    "evaluation_batches",
    "load_data",
    "steps_per_epoch",
    "training_batches",
]
