import numpy as np

from tf_varmixup import draws
from tf_varmixup.methods import EmpiricalRisk


def test_the_data_as_they_are(images, labels):
    for seed in (0, 1):
        drawn, same = EmpiricalRisk().sample(images, labels.astype("int64"), draws.run_seed(seed))
        np.testing.assert_allclose(drawn, images, rtol=0)
        np.testing.assert_array_equal(same, labels)


def test_floats_pass_untouched(images, labels):
    floats = (images * 0.7).astype("float32")
    np.testing.assert_array_equal(
        EmpiricalRisk().sample(floats, labels, draws.run_seed(0))[0], floats
    )
