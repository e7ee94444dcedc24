"""Images in (TFDS, folders, scikit-learn's digits), `tf.data` pipelines out."""

from tf_varmixup.data.augmentation import augment
from tf_varmixup.data.dataset import Dataset, ImageData
from tf_varmixup.data.labeled import LabeledBatches, labeled_arrays, labeled_batches
from tf_varmixup.data.load import check_dataset_name, load_data
from tf_varmixup.data.pipeline import evaluation_batches, steps_per_epoch, training_batches
from tf_varmixup.data.split import Split

__all__ = [
    "Dataset",
    "ImageData",
    "LabeledBatches",
    "Split",
    "augment",
    "check_dataset_name",
    "evaluation_batches",
    "labeled_arrays",
    "labeled_batches",
    "load_data",
    "steps_per_epoch",
    "training_batches",
]
