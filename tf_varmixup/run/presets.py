"""What a preset decides unless the setting of that name is given."""

from typing import Any

# `corruption_pictures` is the number of test images per cell, None for all. `best` has the
# literature's optimization and shifts; `default` is tuned for ten epochs of its classifier.
PRESETS: dict[str, dict[str, Any]] = {
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
# An epoch of a small dataset is only a few steps: a preset's epochs are as many as it takes to
# reach these.
SMALLEST_NUMBER_OF_STEPS = {"quick": 250, "default": 1000, "best": 4000}
