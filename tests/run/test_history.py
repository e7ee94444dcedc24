import math

from tf_varmixup.run import history

TEXT = "epoch,loss,val_ece\n0,2.5,0.1\n1,1.5,nan\n2,0.5,NA\n"


def test_reads_numbers_and_gaps(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(TEXT)
    columns = history.read(path)
    assert columns["epoch"] == [0.0, 1.0, 2.0]
    assert columns["loss"] == [2.5, 1.5, 0.5]
    assert columns["val_ece"][0] == 0.1
    assert all(math.isnan(value) for value in columns["val_ece"][1:])


def test_is_written_with_gaps_and_one_kind_of_line_ends(tmp_path):
    path = tmp_path / "history.csv"
    history.write(path, [])
    assert history.read(path) == {}
    history.write(path, [{"loss": 2.5, "val_ece": 0.1}, {"loss": 1.5}])
    assert path.read_bytes() == b"epoch,loss,val_ece\n0,2.5,0.1\n1,1.5,NA\n"


def test_a_row_that_is_cut_has_gaps(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,val_ece\n0,2.5")
    assert math.isnan(history.read(path)["val_ece"][0])
