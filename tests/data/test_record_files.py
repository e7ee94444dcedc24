import re

import numpy as np
import pytest
import tensorflow as tf

from tf_varmixup.data.record_files import RecordFiles

FILES = ([b"first", b"", b"third" * 999], [], [b"fourth"], [b"fifth", b"sixth of all"])


@pytest.fixture
def files(tmp_path):
    paths = [str(tmp_path / f"{number}.tfrecord") for number in range(len(FILES))]
    for path, records in zip(paths, FILES, strict=True):
        with tf.io.TFRecordWriter(path) as writer:
            for record in records:
                writer.write(record)
    lengths = np.array([len(record) for records in FILES for record in records])
    return RecordFiles(paths, [len(records) for records in FILES], lengths)


def test_records_of_several_files_come_in_any_order(files):
    everything = [record for records in FILES for record in records]
    for rows in ([0, 1, 2, 3, 4, 5], [5, 0, 3, 0, 2], [4], []):
        expected = [everything[row] for row in rows]
        assert files[np.array(rows, int)].tolist() == expected


def test_a_file_that_was_cut_off_is_named(files):
    path = files.paths[3]
    with open(path, "r+b") as file:
        file.truncate(40)
    with pytest.raises(OSError, match=f"{re.escape(path)} is shorter than it was"):
        files[np.array([0, 5])]
