"""Attacks: the change of an image, within a ball, that raises a loss most."""

from tf_varmixup.attacks.ascent import ascend, ascend_iterates
from tf_varmixup.attacks.ball import ascent_direction, check_norm, project, random_start
from tf_varmixup.attacks.fgsm import fgsm
from tf_varmixup.attacks.loss_gradient import loss_gradient
from tf_varmixup.attacks.pgd import pgd, pgd_iterates

__all__ = [
    "ascend",
    "ascend_iterates",
    "ascent_direction",
    "check_norm",
    "fgsm",
    "loss_gradient",
    "pgd",
    "pgd_iterates",
    "project",
    "random_start",
]
