r"""Train, measure, export and report a classifier, by VarMixup or another method.

The main job, on CIFAR-10 (downloaded by TFDS):

    python train.py --dataset cifar10

Without internet access, in some three minutes; a control that shares the main job's autoencoder; a
shorter run:

    python train.py --dataset digits
    python train.py --dataset cifar10 --method reconstruction --vae runs/cifar10-varmixup-seed0
    python train.py --dataset cifar10 --preset quick --run_dir runs/quick

`python train.py --help` lists every flag. Results go to `runs/<dataset>-<method>-seed<seed>` unless
`--run_dir` says otherwise, and a finished run is never overwritten. The recipe itself,
step by step, is `carry_out` in `tf_varmixup/commands/train.py`, which an installed library runs as
`varmixup-train`.
"""

from collections.abc import Sequence

from tf_varmixup.commands import train


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says; see `tf_varmixup.commands.train.main`."""
    train.main(arguments, program="train.py")


if __name__ == "__main__":
    main()
