"""The processes of a study: how they end, and what they say."""

import os
import pathlib
import signal
import threading
import time

import pytest

from tf_varmixup.commands import study_process


def test_a_process_is_ended_by_an_interruption_and_what_it_printed_is_kept(tmp_path, monkeypatch):
    (tmp_path / "slow.py").write_text(
        "import sys, time, pathlib\n"
        "def main():\n"
        "    print('begun', *sys.argv[1:])\n"
        "    pathlib.Path('begun').touch()\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        print('ended')\n"
        "        sys.exit(130)\n"
    )
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def interrupt():
        while not pathlib.Path("begun").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=interrupt)
    watching.start()
    with pytest.raises(KeyboardInterrupt), study_process.interruptible():
        study_process.launch("slow", ["--seed", "1"], pathlib.Path("log"))
    watching.join()
    assert pathlib.Path("log").read_text() == "begun --seed 1\nended\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_hang_up_that_is_ignored_stays_ignored_and_others_interrupt():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with study_process.interruptible():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) == signal.default_int_handler
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with study_process.interruptible():
            assert signal.getsignal(signal.SIGHUP) == signal.default_int_handler
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_why_a_process_failed_is_said_in_one_line(tmp_path):
    (tmp_path / "fails.py").write_text("def main():\n    raise SystemExit('error: no disk')\n")
    (tmp_path / "dies.py").write_text("import os\ndef main():\n    os.kill(os.getpid(), 9)\n")
    log = tmp_path / "log"
    lines = []
    for module in ("fails", "dies"):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            lines.append(study_process.last_line(log, study_process.launch(module, [], log)))
    assert lines == ["error: no disk", "ended by SIGKILL"]
