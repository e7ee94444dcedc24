"""What a wheel has: `tf_varmixup`, and inside it the packages that a checkout has beside it."""

from setuptools import find_packages, setup

BESIDE = ("models", "callbacks")

packages = find_packages(include=["tf_varmixup*"])
for name in BESIDE:
    packages += [f"tf_varmixup.{found}" for found in find_packages(include=[name, f"{name}.*"])]

setup(packages=packages, package_dir={f"tf_varmixup.{name}": name for name in BESIDE})
