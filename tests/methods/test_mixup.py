import numpy as np
import tensorflow as tf

from tf_varmixup import draws
from tf_varmixup.methods import Mixup


def test_mixing_by_hand():
    images = np.stack([np.full((2, 2, 1), level, "uint8") for level in (0, 255, 51)])
    labels = np.array([[1, 0], [0, 1], [0.5, 0.5]], "float32")
    mixed, soft = Mixup().mix(
        images, labels, tf.constant([0.25, 1.0, 0.5]), tf.constant([1, 2, 0]), draws.run_seed(0)
    )
    np.testing.assert_allclose(mixed[:, 0, 0, 0], [191.25, 255.0, 25.5], rtol=1e-6)
    np.testing.assert_allclose(soft, [[0.25, 0.75], [0.0, 1.0], [0.75, 0.25]], rtol=1e-6)


def test_sample_mixes_with_what_it_draws(images, labels):
    seeds = draws.split(draws.run_seed(4), 3)
    weights, partners = (
        draws.mixing_weights(7, 0.6, seeds[0]).numpy(),
        draws.permutation(7, seeds[1]).numpy(),
    )
    mixed, soft = Mixup(alpha=0.6).sample(images, labels, draws.run_seed(4))
    floats, share = images.astype("float32"), weights[:, None, None, None]
    np.testing.assert_allclose(mixed, share * floats + (1 - share) * floats[partners], atol=1e-4)
    np.testing.assert_allclose(
        soft, weights[:, None] * labels + (1 - weights[:, None]) * labels[partners], atol=1e-6
    )
    assert (partners != np.arange(7)).any()
