"""Learning rates over the steps of a training."""

import keras


def warmup_and_decay(peak: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Make a learning rate that rises linearly over a tenth of the steps and falls as a cosine.

    Args:
        peak: The highest rate.
        steps: Number of steps of the whole training, after which the rate is 0.

    Returns:
        A Keras schedule.

    Example:
        >>> schedule = warmup_and_decay(0.4, 100)
        >>> [round(float(schedule(step)), 2) for step in (0, 10, 55, 100)]
        [0.04, 0.4, 0.2, 0.0]

    Source: Loshchilov and Hutter, "SGDR", arXiv 1608.03983, on the cosine.
    """
    warmup = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        peak / 10, max(1, steps - warmup), 0.0, warmup_target=peak, warmup_steps=warmup
    )
