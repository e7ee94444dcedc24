import json

import pytest

from tf_varmixup.run.run_state import run_state


@pytest.fixture
def write(tmp_path):
    def write(config, finished=False):
        (tmp_path / "config.json").write_text(json.dumps(config))
        if finished:
            (tmp_path / "metrics.json").write_text("{}")
        return tmp_path

    return write


def test_a_run_is_missing_started_or_finished(write, tmp_path):
    assert run_state(tmp_path, {"epochs": 3}) == "missing"
    assert run_state(write({"epochs": 3}), {"epochs": 3}) == "started"
    assert run_state(write({"epochs": 3}, finished=True), {"epochs": 3}) == "finished"


def test_a_run_whose_metrics_are_damaged_is_not_finished(write, tmp_path):
    folder = write({"epochs": 3}, finished=True)
    for text in ("", "[1]", "{"):
        (tmp_path / "metrics.json").write_text(text)
        assert run_state(folder, {"epochs": 3}) == "started"


def test_what_the_dataset_and_the_hardware_decide_may_be_anything(write):
    found = {"batch_size": 64, "precision": "bfloat16", "flip": False, "command": "train.py"}
    wanted = {"batch_size": None, "precision": "auto", "flip": None}
    assert run_state(write(found), wanted) == "started"
    for flag in ("--precision auto", "--precision=auto"):
        assert (
            run_state(write({**found, "command": f"train.py {flag} --seed 3"}), wanted) == "started"
        )
    evaluated = {"attack": None, "command": "evaluate run --attack none"}
    assert run_state(write(evaluated), {"attack": None}) == "started"
    for flag, name in (("--batch_size=64", "batch_size"), ("--no-flip", "flip")):
        with pytest.raises(ValueError, match=f"a run with {name} None. Received: "):
            run_state(write({**found, "command": f"train.py {flag}"}), wanted)


def test_a_run_with_other_settings_is_refused(write):
    for found in ({"alpha": 0.2}, {}):
        with pytest.raises(ValueError, match=r"a run with alpha 0\.3\. Received: "):
            run_state(write(found), {"alpha": 0.3})


def test_a_version_that_did_not_have_a_setting_did_what_it_is_by_default(write):
    wanted = {"mix_in": "step", "likelihood_scale": 0.05, "interpolation": False}
    assert run_state(write({}), wanted) == "started"
    with pytest.raises(ValueError, match=r"likelihood_scale 0\.4"):
        run_state(write({}), {"likelihood_scale": 0.4})


def test_tuples_are_lists_there(write):
    assert run_state(write({"corruptions": ["fog"]}), {"corruptions": ("fog",)}) == "started"


def test_a_damaged_file_is_named(write, tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"Expected JSON in .*config\.json"):
        run_state(tmp_path, {})
    with pytest.raises(ValueError, match="Expected a JSON object in"):
        run_state(write([1]), {})
