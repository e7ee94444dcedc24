"""VarMixup in the latent space of an autoencoder that is there already.

Encoder and decoder are any Keras models. Those here have random weights, and the conventions of
KerasHub's `VAEBackbone(...).encoder` and `.decoder`: images in -1..1, means and logarithms of
variances on the last axis.
"""

import keras
from keras import layers

from models import LatentModel, compact
from tf_varmixup import VarMixup, VicinalClassifier, data


class Pretrained(LatentModel):
    """An encoder and a decoder for images in -1..1, as a latent space for images in 0..255."""

    def __init__(self, encoder, decoder, image_shape, latent_shape, likelihood_scale=0.05):
        super().__init__()
        self.image_shape, self.latent_shape = image_shape, latent_shape
        self.likelihood_scale = likelihood_scale
        images = keras.Input(image_shape)
        mean, log_variance = keras.ops.split(encoder(2.0 * images - 1.0), 2, axis=-1)
        statistics = keras.ops.concatenate([mean, log_variance / 2.0], axis=-1)
        self.encoder = keras.Model(images, statistics)
        latents = keras.Input(latent_shape)
        self.decoder = keras.Model(latents, decoder(latents) / 2.0 + 0.5)


def main(epochs=5):
    """Train a classifier on digits, and return its history."""
    digits = data.load_data("digits")
    encoder = keras.Sequential([layers.Conv2D(8, 4, 4)])
    decoder = keras.Sequential([layers.Conv2DTranspose(1, 4, 4, activation="tanh")])
    autoencoder = Pretrained(encoder, decoder, digits.image_shape, latent_shape=(2, 2, 4))
    network = compact(digits.image_shape, digits.num_classes)
    model = VicinalClassifier(network, VarMixup(autoencoder, alpha=0.3, clean_share=0.5))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    one_hot = keras.utils.to_categorical(digits.train.labels)
    return model.fit(digits.train.images, one_hot, epochs=epochs, verbose=2).history


if __name__ == "__main__":
    main()
