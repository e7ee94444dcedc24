"""What the file of a study says."""

import pathlib

import pytest

from tests.harness.studies import STUDY
from tf_varmixup.commands.study_file import read_study
from tf_varmixup.run import PRESETS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_autoencoders_and_datasets_have_runs_of_their_own(launcher):
    text = """
    [settings]
    dataset = ["digits", "cifar10"]
    vae_epochs = 2
    [autoencoders.fine]
    likelihood_scale = 0.05
    vae_objective = "mmd"
    seed = 7
    [autoencoders.coarse]
    [[runs]]
    method = ["erm", "blur"]
    autoencoder = ["coarse", "fine"]
    """
    with pytest.raises(ValueError, match="no autoencoder in"):
        read(text)
    study = read(text.replace('"erm", ', ""))
    assert [run.folder.name for run in study.runs] == [
        f"{dataset}-blur-{name}-seed0"
        for dataset in ("digits", "cifar10")
        for name in ("coarse", "fine")
    ]
    fine = study.runs[1]
    assert fine.autoencoder.folder.name == "digits-autoencoder-fine"
    assert (fine.autoencoder.recipe.seed, fine.autoencoder.recipe.vae_epochs) == (7, 2)
    assert fine.wanted["likelihood_scale"] == 0.05
    assert study.runs[0].wanted["likelihood_scale"] == PRESETS["default"]["likelihood_scale"]
    assert [run.wanted["vae_objective"] for run in study.runs[:2]] == ["elbo", "mmd"]
    assert fine.autoencoder.wanted["vae_objective"] == "mmd"
    assert not {"--likelihood_scale", "--vae_objective"} & set(fine.flags)
    assert len({run.autoencoder for run in study.runs}) == 4


def read(text, *data_dir):
    path = pathlib.Path("other.toml")
    path.write_text(text)
    return read_study(path, "study", *data_dir)


def test_everything_reads_from_the_data_folder_of_the_command_line(launcher):
    text = STUDY.replace("epochs = 3", 'epochs = 3\ndata_dir = "there"')
    for given, expected in ((["here"], "here"), ([], "there")):
        study = read(text, *given)
        shared = next(run.autoencoder for run in study.runs if run.autoencoder is not None)
        for part in (*study.runs, shared):
            assert part.recipe.data_dir == expected
    assert read(text, "here").evaluations[0].options.data_dir == "here"
    assert study.evaluations[0].options.data_dir is None  # that of the run


@pytest.mark.parametrize(
    "path", sorted((ROOT / "studies").glob("*.toml")), ids=lambda one: one.stem
)
def test_the_studies_of_the_repository_can_be_carried_out(path):
    study = read_study(path, "study")
    assert study.baseline == "erm"
    assert len({run.folder for run in study.runs}) == len(study.runs)
    assert study.output.name == f"study-{path.stem}"
