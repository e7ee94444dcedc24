"""Measure a Keras model that this library knows nothing about, on clean and corrupted images.

Run it in the checkout by `python -m examples.measure_any_model`.
"""

import keras

from tf_varmixup import data
from tf_varmixup.corruptions import CorruptionBenchmark
from tf_varmixup.evaluation import Evaluation, evaluate, model_predictor


def main(epochs: int = 20) -> Evaluation:
    """Train a small network by Keras alone, measure it, and print what came out."""
    digits = data.load_data("digits")
    model = keras.Sequential(
        [
            keras.Input(digits.image_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(digits.num_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(digits.train.images, digits.train.labels, epochs=epochs, verbose=0)

    benchmark = CorruptionBenchmark(digits.test, ["gaussian_noise", "fog", "contrast"], [1, 5])
    predict = model_predictor(model, from_logits=False)
    measured = evaluate(predict, digits.test, digits.validation, benchmark)
    for row in measured.rows():
        print(f"{row['corruption']:15} {row['severity']}  {row['accuracy']:.1%}")
    for section in ("clean", "corrupted", "clean_after_temperature"):
        metrics = measured.metrics()[section]
        print(f"{section:24} accuracy {metrics['accuracy']:.1%}, ECE {metrics['ece']:.1%}")
    return measured


if __name__ == "__main__":
    main()
