"""What every method, metric, layer, classifier and autoencoder must do, one call for each class.

    check_method(lambda: Mixup(alpha=0.5))
    check_method(lambda image_shape: VarMixup(autoencoder_of(image_shape)))
    check_metric(lambda: ExpectedCalibrationError())
    check_layer(lambda: FusedBatchNormalization(), (4, 4, 3))
    check_classifier(functools.partial(airbench, widths=(4, 8)))
    check_autoencoder(lambda image_shape: VariationalAutoencoder(image_shape, width=8))

A call goes through the laws of the kind one by one; the traceback of one that is broken names it.
"""

from .autoencoders import check_autoencoder
from .classifiers import check_classifier
from .draws import check_draws
from .layers import check_layer
from .methods import check_method
from .metrics import check_metric
from .shared import autoencoder_of, dtype_policy, images_of, labels_of, replicas

__all__ = [
    "autoencoder_of",
    "check_autoencoder",
    "check_classifier",
    "check_draws",
    "check_layer",
    "check_method",
    "check_metric",
    "dtype_policy",
    "images_of",
    "labels_of",
    "replicas",
]
