"""Attacks: the change of an image, within a ball, that raises a loss most."""

from tf_varmixup.attacks.ascent import ascend, ascend_iterates, ascent_step, inside_ball
from tf_varmixup.attacks.ball import (
    ascent_direction,
    check_image_radius,
    check_norm,
    point_of_ball,
    project,
    random_start,
)
from tf_varmixup.attacks.fgsm import fgsm
from tf_varmixup.attacks.local_linearity import (
    departure_and_gradient,
    local_linearity,
    loss_tangent,
    surface_start,
)
from tf_varmixup.attacks.loss_gradient import logits_and_gradient, loss_gradient
from tf_varmixup.attacks.pgd import UNIT_BOUNDS, pgd, pgd_iterates, unit_images

__all__ = [
    "UNIT_BOUNDS",
    "ascend",
    "ascend_iterates",
    "ascent_direction",
    "ascent_step",
    "check_image_radius",
    "check_norm",
    "departure_and_gradient",
    "fgsm",
    "inside_ball",
    "local_linearity",
    "logits_and_gradient",
    "loss_gradient",
    "loss_tangent",
    "pgd",
    "pgd_iterates",
    "point_of_ball",
    "project",
    "random_start",
    "surface_start",
    "unit_images",
]
