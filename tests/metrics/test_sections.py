import math

from tf_varmixup.metrics import metric_sections, section_title


def test_known_sections_come_first_and_facts_are_none():
    metrics = {
        "adversarial.pgd": {"accuracy": 0.1},
        "temperature": 1.5,
        "corruptions": {"pictures": 500},
        "corrupted": {"accuracy": 0.7},
        "vae": {"elbo": -1.0},
        "timing": {"vae": 2.0},
        "environment": {"cores": 2},
        "vector_scaling": {"scale": [1.0, 2.0], "bias": [0.0, 0.0]},
        "intervals": {"clean": {"accuracy": [0.89, 0.91]}},
        "notes": ["a"],
        "seeds": {"list": [1, 2]},
        "clean": {"accuracy": 0.9},
    }
    assert list(metric_sections(metrics)) == ["clean", "corrupted", "adversarial.pgd"]


def test_null_is_nan_and_what_is_no_number_is_left_out():
    section = metric_sections({"clean": {"nll": None, "a": [1], "b": "x", "c": True, "d": 2}})
    assert list(section["clean"]) == ["nll", "d"]
    assert math.isnan(section["clean"]["nll"])


def test_titles():
    assert section_title("corrupted_after_temperature") == "corrupted, after temperature"
    assert section_title("clean_after_vector_scaling") == "clean, after vector scaling"
    assert section_title("adversarial.pgd") == "adversarial, pgd"
