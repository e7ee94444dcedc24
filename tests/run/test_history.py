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


def test_truncates_to_the_epochs_that_are_kept(tmp_path):
    path = tmp_path / "history.csv"
    history.truncate(path, 2)
    assert not path.exists()
    path.write_text(TEXT)
    history.truncate(path, 2)
    assert path.read_text() == "epoch,loss,val_ece\n0,2.5,0.1\n1,1.5,nan\n"
    history.truncate(path, 0)
    assert path.read_text() == ""
    assert history.read(path) == {}
