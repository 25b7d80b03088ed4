"""What commands share: progress, and files that the user named."""

import pytest

from cdk_lmi import terminal
from cdk_lmi.terminal import WrongUseError, progress, write_file


@pytest.fixture
def clock(monkeypatch):
    """A terminal of twelve columns, and a clock that goes on when it is told."""
    time = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: time[0])
    monkeypatch.setenv("COLUMNS", "12")

    def later(seconds):
        time[0] += seconds
        # Here, since capsys puts another stream in place between the fixtures and the test.
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)

    return later


def lines(text):
    """Give what stood on the line, one after another."""
    return [line for line in text.split(terminal._ERASE_LINE) if line]


def test_progress_is_told_after_two_seconds(clock, capsys):
    """Not before; and in the end the line is gone."""
    with progress() as show:
        show("1 done")
        clock(1.9)
        show("2 done")
        clock(0.2)
        show("3 done")
    told = capsys.readouterr().err
    assert lines(told) == ["3 done"]
    assert told.endswith(terminal._ERASE_LINE)


def test_what_is_quick_tells_nothing(clock, capsys):
    """There is no line to erase."""
    clock(0)
    with progress() as show:
        show("1 done")
    assert capsys.readouterr().err == ""


def test_progress_is_told_no_more_often_than_it_can_be_read(clock, capsys):
    """A thousand times in a second come to about ten lines."""
    with progress() as show:
        clock(3)
        for done in range(1000):
            clock(0.001)
            show(f"{done} done")
    assert 5 <= len(lines(capsys.readouterr().err)) <= 11


def test_a_line_is_no_longer_than_the_terminal_is_wide(clock, capsys):
    """One that breaks could not be erased."""
    with progress() as show:
        clock(3)
        show("123456789 and more")
    assert lines(capsys.readouterr().err) == ["123456789 a"]


def test_the_line_is_erased_when_it_ends_badly(clock, capsys):
    """What is told of the error stands on a line of its own."""

    def interrupted():
        with progress() as show:
            clock(3)
            show("1 done")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err.endswith(terminal._ERASE_LINE)


def test_without_a_terminal_there_is_a_line_for_each_step(capsys):
    """Where that is asked for; nothing is erased, and there is none for what changes within a step."""
    with progress(in_lines=True) as show:
        for status in ("a: starting", "a: 1 done", "a: 2 done", "b: starting", "b: 1 done"):
            show(status)
    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["a: starting", "b: starting"]
    with progress() as show:
        show("a: starting")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("content", "written"), [("é\n", b"\xc3\xa9\n"), (b"\x89PNG\r\n", b"\x89PNG\r\n")])
def test_files_are_written_as_they_are(tmp_path, content, written):
    """Text as UTF-8, pictures byte by byte."""
    path = tmp_path / "report"
    write_file(str(path), content)
    assert path.read_bytes() == written


@pytest.mark.parametrize("path", [".", "missing/report.txt", "a\0b", "\x1b[2J/report.txt"])
def test_a_file_that_cannot_be_written_is_the_users_to_mend(path):
    """It is told by its name, printable."""
    with pytest.raises(WrongUseError) as raised:
        write_file(path, "")
    assert not any(character in str(raised.value) for character in "\0\x1b")
