"""Which room may import which: read from the files, without importing any of them."""

import ast
import graphlib
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "tf_varmixup"

# Every room imports only rooms above it. In the column on the right are the rooms of the same level
# that it may import besides.
ROOMS = [
    {
        "checks": set(),
        "files": set(),
        "lazy": set(),
        "draws": {"checks"},
        "pipelines": set(),
        "streaming": {"pipelines"},
        "workers": {"draws"},
        "siblings": set(),
        "keras_settings": set(),
        "images": {"checks"},
        "image_model": {"keras_settings", "workers"},
        "muon": {"checks"},
        "loading": {"muon", "siblings"},
    },
    {
        "data": set(),
        "metrics": set(),
        "corruptions": set(),
        "augmentations": set(),
    },
    {
        "methods": {"attacks"},
        "attacks": set(),
        "calibration": set(),
    },
    {
        "classifier": set(),
        "evaluation": set(),
    },
    {
        "run": set(),
        "report": {"run"},
        "export": set(),
        "training": {"run"},
    },
    {"commands": set()},
    # Doors to the commands, as train.py is one.
    {"compare": set(), "corrupt": set(), "evaluate": set(), "predict": set(), "study": set()},
]
LEVELS = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
SIDEWAYS = {room: others for rooms in ROOMS for room, others in rooms.items()}
DOORS = ("__main__", "compare", "corrupt", "evaluate", "predict", "study")


def room_of(path):
    """Return the room of a file of the library: a module, or a folder with all that is in it."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported(path):
    """Return the dotted names that a file imports, wherever in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names += [f"{module}.{alias.name}" for alias in node.names]
    return names


def library_files():
    return sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")


def edges():
    """Return (file, its room, the room that it imports) for all imports between rooms."""
    return [
        (str(path.relative_to(ROOT)), room_of(path), name.split(".")[1])
        for path in library_files()
        if path.stem not in DOORS
        for name in imported(path)
        if name.startswith("tf_varmixup.") and name.split(".")[1] != room_of(path)
    ]


def test_every_file_belongs_to_a_room():
    assert {room_of(path) for path in library_files()} <= LEVELS.keys()


def test_rooms_import_only_rooms_above_them():
    wrong = [
        f"{file} imports {other}"
        for file, room, other in edges()
        if other not in LEVELS or not (LEVELS[other] < LEVELS[room] or other in SIDEWAYS[room])
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_within_a_level_are_needed_and_go_in_no_circle():
    found = {(room, other) for _, room, other in edges()}
    unused = [(room, other) for room, others in SIDEWAYS.items() for other in others]
    assert not set(unused) - found
    assert all(LEVELS[other] == LEVELS[room] for room, other in unused)
    graphlib.TopologicalSorter(SIDEWAYS).prepare()  # raises CycleError where there is one


def test_modules_of_a_room_import_each_other_in_no_circle():
    graph = {}
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in library_files()}
    for path in library_files():
        if path.stem not in ("__init__", *DOORS):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            graph[module] = {
                found
                for name in imported(path)
                for found in (name, name.rpartition(".")[0])
                if found in names
            }
    graphlib.TopologicalSorter(graph).prepare()


def test_the_library_names_its_siblings_in_one_file_alone():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in library_files()
        for name in imported(path)
        if name.split(".")[0] in ("models", "callbacks", "train")
        or name.startswith(("tf_varmixup.models", "tf_varmixup.callbacks"))
    ]
    assert not wrong, "\n".join(wrong)
    dynamic = {
        str(path.relative_to(LIBRARY))
        for path in library_files()
        if "importlib.import_module" in path.read_text(encoding="utf-8")
    }
    # The others import what is named at run time: a method, a predictor, a home in the library.
    assert dynamic == {
        "siblings.py",
        "lazy.py",
        "methods/registry.py",
        "evaluation/loaded_classifier.py",
    }


@pytest.mark.parametrize("package", ["models", "callbacks"])
def test_models_and_callbacks_import_the_library_and_themselves_alone(package):
    own = {"tf_varmixup", "models", "callbacks", "train", "tests"}
    for path in sorted((ROOT / package).rglob("*.py")):
        for name in imported(path):
            if name.split(".")[0] in own - {"tf_varmixup", package}:
                pytest.fail(f"{path.relative_to(ROOT)} imports {name}")
            if name.startswith("tf_varmixup."):
                room = name.split(".")[1]
                # A callback may draw what it measured.
                drawn = package == "callbacks" and room == "report"
                seen = LEVELS.get(room, 99) <= LEVELS["evaluation"]
                assert seen or drawn, f"{path} imports {name}"


def test_train_is_a_door_and_nothing_more():
    assert {name for name in imported(ROOT / "train.py") if name.startswith("tf_varmixup")} == {
        "tf_varmixup.commands.train"
    }


def test_former_rooms_are_gone():
    former = ("tf_varmixup.vicinity", "tf_varmixup.robustness")
    files = [
        path
        for folder in ("tf_varmixup", "models", "callbacks", "benchmarks", "tools", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in [*files, ROOT / "train.py"]
        for name in imported(path)
        if name.startswith(former)
    ]
    assert not wrong, "\n".join(wrong)
