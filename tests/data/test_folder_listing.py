import collections

import pytest

from tf_varmixup.data.folder_listing import counted, is_tool


def test_counts_with_the_most_frequent_kinds_first():
    assert counted(collections.Counter()) == ""
    assert counted(collections.Counter({".txt": 1, ".csv": 3})) == "3 x .csv, 1 x .txt"
    many = collections.Counter({f".{number}": 20 - number for number in range(11)})
    text = counted(many)
    assert text.startswith("20 x .0, 19 x .1, ")
    assert text.endswith(", 13 x .7, 33 of other kinds")  # 12 + 11 + 10


@pytest.mark.parametrize(
    "name", [".git", ".DS_Store", "._a.png", "@eaDir", "__MACOSX", "THUMBS.DB"]
)
def test_tools_and_hidden(name):
    assert is_tool(name)


@pytest.mark.parametrize("name", ["cats", "a.png", "__init__", "@home", "thumbs"])
def test_what_is_data(name):
    assert not is_tool(name)
