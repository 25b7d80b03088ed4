"""``cdk-lmi fit``: what is refused, what is told, and what can be pasted."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdk_lmi.local import ExecutionEnvironment

from .conftest import declared, processes_below
from .test_choice import measured
from .test_reports import MACHINE, RAN_OUT

SLEEPING = "import time\ndef handler(event, context):\n    time.sleep(0.01)"
#: What needs 300 MiB in each process, from its import on.
LARGE = "weights = bytearray(b'x') * (300 << 20)\ndef handler(event, context):\n    return weights[event['at']]"


@pytest.fixture
def app(write):
    """A handler that waits, and an event."""
    write("app.py", SLEEPING)
    write("event.json", {"id": 1})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("app:handler --event missing.json", ["missing.json", "no such file"]),
        ("app:handler --event bad.json", ["bad.json", "JSON"]),
        ("app:handler --event event.json --event bad.json --event missing.json", ["bad.json", "missing.json"]),
        ("app:handler --event binary.json", ["binary.json", "is binary, but must be text"]),
        ("app:handler --event event.json --event large.json", ["large.json", "6291457 bytes", "6291456 bytes"]),
        ("app:handler --event nan.json", ["nan.json", "JSON"]),
        ("app --event event.json", ["module:function", "'app'"]),
        (":handler --event event.json", ["module:function"]),
        ("app:Class.method --event event.json", ["module:function"]),
        ("--event event.json", ["handler", "list_orders:handler"]),
        ("app:handler --event event.json --task-root missing", ["--task-root", "missing"]),
        ("app:handler --event event.json --concurrency 1,x", ["--concurrency", "1,x", "1600"]),
        ("app:handler --event event.json --concurrency 0", ["--concurrency", "1600"]),
        ("app:handler --event event.json --concurrency 1601", ["--concurrency", "1600"]),
        ("app:handler --event event.json --concurrency 1,,2", ["--concurrency"]),
        (f"app:handler --event event.json --concurrency {'1' * 5000}", ["--concurrency", "1600"]),
        ("app:handler --event event.json --concurrency \u0663", ["--concurrency", "1600"]),
        (f"app:handler --event event.json --requests {'1' * 5000}", ["--requests", "1"]),
        ("app:handler --event event.json --requests 1000000001", ["--requests", "1"]),
        ("app:handler --event event.json --requests 0", ["--requests", "0"]),
        ("app:handler --event event.json --requests 1.5", ["--requests", "1.5"]),
        ("app:handler --event event.json --seconds 0.5", ["--seconds", "from 1 to"]),
        ("app:handler --event event.json --seconds nan", ["--seconds", "nan"]),
        ("app:handler --event event.json --seconds 1 --requests 1", ["not allowed with"]),
        ("app:handler --event event.json --headroom -1", ["--headroom", "-1"]),
        ("app:handler --event event.json --timeout 5401", ["--timeout", "5400"]),
        ("app:handler --event event.json --env TABLE", ["--env", "NAME=VALUE", "TABLE"]),
        ("app:handler --event event.json --function Fn", ["--function", "--template"]),
        ("app:handler --event event.json --template missing.json", ["missing.json", "no such file"]),
        ("app:handler --event event.json --template bad.json", ["bad.json", "JSON"]),
        ("--event event.json --template node.json", ["node.json", "nodejs22.x", "Python"]),
        ("--event event.json --template ruby.json", ["ruby.json", "ruby3.4", "Python"]),
        (
            "app:handler --event event.json --template image.json",
            ["PerExecutionEnvironmentMaxConcurrency", "left out", "language", "one number with --concurrency"],
        ),
        (
            "app:handler --event event.json --template image.json --concurrency 1,4",
            ["left out", "one number with --concurrency"],
        ),
        ("--event event.json --template two.json --function Frist", ["two.json", "Frist", "First"]),
        ("--event event.json --template no_handler.json", ["handler", "template"]),
        ("--event event.json --template colon.json", ["app:handler", "module.function"]),
        ("app:handler --event event.json --plot fit.pdf", ["--plot", ".svg", ".png", "fit.pdf"]),
        ("app:handler --event event.json --plot missing/fit.svg", ["--plot", "missing/fit.svg"]),
        ("app:handler --event event.json --output missing/fit.txt", ["--output", "missing/fit.txt"]),
        ("app:handler --event event.json --output .", ["--output"]),
        ("app:handler --event - --event -", ["standard input"]),
        ("app:handler", ["--event"]),
    ],
)
def test_what_does_not_fit_is_told_before_anything_starts(run, write, write_template, monkeypatch, arguments, told):
    """In the words of the command line, with what would do."""
    write("app.py", "raise SystemExit('it was started')")
    write("event.json", {})
    write("bad.json", "{")
    write("binary.json", "\0")
    Path("large.json").write_text(f'"{"x" * (6291456 - 1)}"')
    write("nan.json", "NaN")
    write_template("node.json", Fn=declared(Runtime="nodejs22.x"))
    write_template("ruby.json", Fn=declared(concurrency=None, Runtime="ruby3.4"))
    write_template("image.json", Fn=declared(concurrency=None, Runtime=None, Handler=None, PackageType="Image"))
    write_template("two.json", First=declared(), Second=declared())
    write_template("no_handler.json", Fn=declared(Handler=None))
    write_template("colon.json", Fn=declared(Handler="app:handler"))
    monkeypatch.setattr("sys.stdin", None)
    ran = run(*arguments.split())
    assert (ran.code, ran.out) == (2, "")
    assert all(part in ran.err for part in told), ran.err
    assert "it was started" not in ran.err


def test_all_that_does_not_fit_is_told_at_once(run, write):
    """A line for each."""
    write("bad.json", "{")
    ran = run("app", "--event", "bad.json", "--concurrency", "0", "--seconds", "x", "--env", "=", "--plot", "a.gif")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 6
    assert all(line.startswith("cdk-lmi: ") for line in ran.err.splitlines())


def test_names_from_outside_do_nothing_to_a_terminal(run, write):
    """They are shown."""
    write("event.json", {})
    write("app.py", "def handler(event, context):\n    raise ValueError('\\x1b[2J\\u202e')")
    ran = run("app:handler\x1b[2J", "--event", "\x1b[2J", "--env", "\x1b[2J")
    assert (ran.code, "\x1b" in ran.err) == (2, False)
    ran = run("app:handler", "--event", "event.json")
    assert (ran.code, "\x1b" in ran.err, "\u202e" in ran.err) == (2, False, False)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("app:missing", "def handler(event, context): ...", ["HandlerNotFound", "'missing'"]),
        (
            "apq:handler",
            "def handler(event, context): ...",
            ["ImportModuleError", "apq was looked for in the working directory", "--task-root"],
        ),
        ("nosuchpackage.orders:handler", "", ["nosuchpackage.orders was looked for", "--task-root"]),
        ("nosuchpackage/orders:handler", "", ["nosuchpackage.orders was looked for", "--task-root"]),
        ("apq:handler --task-root code", "", ["apq was looked for in code: if it is elsewhere", "--task-root"]),
        ("app:handler", "import no_such_thing", ["no_such_thing"]),
        ("app:handler", "def handler(event, context): broken", ["event.json", "NameError", "broken", "app.py"]),
        ("app:handler --timeout 0.3", "import time\ndef handler(*_): time.sleep(5)", ["Timedout", "--timeout", "0.3"]),
        ("app:handler --env AWS_LAMBDA_FUNCTION_NAME=x", SLEEPING, ["AWS_LAMBDA_FUNCTION_NAME"]),
    ],
)
def test_a_handler_that_fails_is_told(run, write, arguments, code, told):
    """With what it raised and where; there is no use in measuring it."""
    write("app.py", code)
    write("event.json", {})
    Path("code").mkdir()
    ran = run(*arguments.split(), "--event", "event.json", "--concurrency", "1")
    assert (ran.code, ran.out) == (2, "")
    assert all(part in ran.err for part in told), ran.err
    assert ("--task-root" in ran.err) == ("--task-root" in told)
    assert "Traceback" not in ran.err


def test_what_is_not_installed_is_told_with_the_command_that_installs_it(run, app, monkeypatch):
    """Of either extra."""
    find_spec = importlib.util.find_spec
    for missing, arguments, extra in (("matplotlib", ["--plot", "a.svg"], "plot"), ("awslambdaric", [], "local")):

        def find(name, *rest, missing=missing):
            return None if name == missing else find_spec(name, *rest)

        monkeypatch.setattr("importlib.util.find_spec", find)
        ran = run("app:handler", "--event", "event.json", *arguments)
        assert ran.code == 2
        assert f"pip install 'cdk-lmi[{extra}]'" in ran.err


def test_another_system_is_told(run, app, monkeypatch):
    """There is no /proc to read."""
    monkeypatch.setattr("sys.platform", "darwin")
    ran = run("app:handler", "--event", "event.json")
    assert (ran.code, ran.out) == (2, "")
    assert "darwin" in ran.err


def test_a_size_is_found(run, app):
    """As keyword arguments that can be pasted, with what was measured and what was assumed."""
    ran = run("app:handler", "--event", "event.json", "--concurrency", "1,4", "--seconds", "1")
    assert ran.code == 0
    pasted = [line.strip() for line in ran.out.splitlines() if line.startswith("    ") and "=" in line]
    assert pasted == [
        "memory_size=2048,",
        "execution_environment_memory_gib_per_v_cpu=2,",
        "per_execution_environment_max_concurrency=4,",
    ]
    rows = [line.split() for line in ran.out.splitlines() if line.split()[:1] in (["1"], ["4"])]
    assert [row[-3:] for row in rows] == [["2048", "@", "2"]] * 2
    # Nobody looks on at a terminal: a line for each concurrency says how far it is.
    assert [("concurrency 1" in line, "concurrency 4" in line) for line in ran.err.splitlines()] == [
        (True, False),
        (False, True),
    ]
    assert "this machine" in ran.out
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in ran.out


def test_both_ways_to_name_a_handler_are_taken(run, app):
    """And a module in a package."""
    Path("shop").mkdir()
    Path("app.py").rename("shop/orders.py")
    for name in ("shop.orders:handler", "shop.orders.handler"):
        ran = run(name, "--event", "event.json", "--concurrency", "1", "--requests", "5", "--format", "json")
        assert ran.json["handler"] == "shop.orders.handler"


def test_programs_get_all_of_it(run, app):
    """Every figure, with its unit in its name, the size, why, and on what that rests."""
    ran = run(
        *("app:handler", "--event", "event.json", "--event", "event.json", "--concurrency", "2,1"),
        *("--requests", "20", "--headroom", "50", "--format", "json", "--output", "fit.json"),
    )
    assert (ran.code, ran.out) == (0, "")
    ran.out = Path("fit.json").read_text()
    fit = ran.json
    assert (fit["version"], fit["events"], fit["headroom_percent"], fit["declared"]) == (1, 2, 50, None)
    assert [each["concurrency"] for each in fit["outcomes"]] == [1, 2]
    for each in fit["outcomes"]:
        assert each["invocations"] >= 20
        assert each["process_peak_mib"] < each["memory_peak_mib"] < 200
        assert each["p50_s"] >= 0.01
        assert each["holds_in"]["memory_size"] == 2048
    assert fit["recommendation"]["size"]["v_cpus"] == 1
    peak = next(
        each["memory_peak_mib"]
        for each in fit["outcomes"]
        if each["concurrency"] == fit["recommendation"]["size"]["per_execution_environment_max_concurrency"]
    )
    assert fit["recommendation"]["memory_needed_mib"] == pytest.approx(peak * 1.5, abs=1)
    assert len(fit["recommendation"]["reasons"]) >= 2
    assert any("machine" in assumption for assumption in fit["assumptions"])


def test_a_picture_is_drawn(run, app):
    """In which text is text; the same figures make the same picture."""
    for name in ("fit.svg", "fit.PNG"):
        ran = run("app:handler", "--event", "event.json", "--concurrency", "1,2", "--requests", "9", "--plot", name)
        assert ran.code == 0
    texts = [element.text for element in ElementTree.parse("fit.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert any("app.handler" in text for text in texts if text)
    assert any("2048 MiB" in text for text in texts if text)
    assert {"peak under load", "after init", "memory of all processes (MiB)"} <= set(texts)
    assert Path("fit.PNG").read_bytes().startswith(b"\x89PNG")


def test_no_size_may_hold_it(run, app, monkeypatch):
    """Told with the peak and the most that there is, and with exit code 1."""
    monkeypatch.setattr("cdk_lmi.fit.fitting.measure", lambda *_, **__: [measured(4, peak=40_000)])
    ran = run("app:handler", "--event", "event.json")
    assert ran.code == 1
    assert "memory_size=" not in ran.out
    assert "40000 MiB" in ran.out
    assert "32768 MiB" in ran.out


def test_a_small_machine_is_not_taken_for_a_large_handler(run, app, monkeypatch):
    """Nobody knows whether it would hold where there is more; what could be measured is recommended."""
    monkeypatch.setattr("cdk_lmi.fit.fitting.this_machine", lambda: replace(MACHINE, memory_mib=20_000))
    monkeypatch.setattr("cdk_lmi.fit.fitting.measure", lambda *_, **__: [RAN_OUT])
    ran = run("app:handler", "--event", "event.json", "--concurrency", "64")
    assert (ran.code, ran.out) == (2, "")
    assert "this machine has 20000 MiB" in ran.err
    monkeypatch.setattr("cdk_lmi.fit.fitting.measure", lambda *_, **__: [measured(4), RAN_OUT])
    ran = run("app:handler", "--event", "event.json", "--concurrency", "4,64,128")
    assert ran.code == 0
    assert "concurrency 64, 128 was not measured: this machine had 20000 MiB" in ran.out


def test_a_report_is_there_without_its_picture(run, app, write_template, monkeypatch):
    """Whether nothing can be drawn or nothing be written, on standard output or in a file."""
    picture = ["--plot", "fit.svg"]
    full = replace(MACHINE, memory_mib=65536)
    monkeypatch.setattr("cdk_lmi.fit.fitting.this_machine", lambda: full)
    monkeypatch.setattr("cdk_lmi.fit.fitting.measure", lambda *_, **__: [replace(RAN_OUT, memory_size=32768)])
    ran = run("app:handler", "--event", "event.json", "--concurrency", "64", *picture)
    assert ran.code == 1
    assert "no size is large enough" in ran.out
    assert "nothing to plot" in ran.err
    assert not Path("fit.svg").exists()
    monkeypatch.setattr("cdk_lmi.fit.fitting.measure", lambda *_, **__: [measured(4)])
    Path("fit.svg").symlink_to("missing/fit.svg")
    ran = run("app:handler", "--event", "event.json", "--concurrency", "4", *picture)
    assert ran.code == 2
    assert "memory_size=2048," in ran.out
    assert "cannot write fit.svg" in ran.err
    ran = run("app:handler", "--event", "event.json", "--concurrency", "4", *picture, "--output", "fit.txt")
    assert (ran.code, ran.out) == (2, "")
    assert "memory_size=2048," in Path("fit.txt").read_text()


def test_a_declared_size_may_fit_and_lack_cpu(run, app, write_template, monkeypatch):
    """Then what is larger is not called the smallest that holds, and why it is larger is told."""
    monkeypatch.setattr(
        "cdk_lmi.fit.fitting.measure", lambda _, **given: [measured(4, busy=1.8)] * bool(given["concurrencies"])
    )
    write_template(Fn=declared(2048, 2, 4))
    ran = run("--event", "event.json", "--template", "template.json")
    assert ran.code == 0
    assert "its CPU is too small: 1.80 vCPUs were busy here, and the size has 1:" in ran.out
    assert "the smallest size that fits, with as many vCPUs as were busy here\n" in ran.out
    assert "memory_size=4096," in ran.out


@pytest.mark.parametrize("fails", ["at import", "when invoked"])
def test_variables_known_at_deployment_only_are_told_with_what_fails(run, write, write_template, fails):
    """They are the likeliest cause; how Python imports is not."""
    read = "TABLE = os.environ['TABLE']"
    write("app.py", f"import os\n{read if fails == 'at import' else ''}\ndef handler(event, context):\n    {read}")
    write("event.json", {})
    variables = {"TABLE": {"Ref": "Table"}, "OTHER": {"Ref": "Table"}}
    write_template(Fn=declared(Environment={"Variables": variables}), Table={"Type": "AWS::DynamoDB::Table"})
    ran = run("--event", "event.json", "--template", "template.json", "--env", "OTHER=x")
    assert (ran.code, ran.out) == (2, "")
    assert "the value of TABLE is known only at deployment: set it with --env TABLE=…" in ran.err
    assert "OTHER" not in ran.err
    assert "app.handler" in ran.err
    assert "concurrency 4" in ran.err
    assert read in ran.err
    assert "importlib" not in ran.err


def test_a_declared_size_that_fits_passes(run, app, write_template):
    """Handler, variables and timeout are the template's; --env goes before, and fills in what is unknown."""
    Path("app.py").write_text(
        "import os\n"
        "assert (os.environ['A'], os.environ['B'], os.environ['C']) == ('1', 'said', 'said')\n"
        "def handler(event, context):\n    assert 25 < context.get_remaining_time_in_millis() / 1000 <= 30"
    )
    variables = {"A": "1", "B": "2", "C": {"Ref": "Table"}, "D": {"Ref": "Table"}}
    write_template(
        Fn=declared(4096, 4, 3, Environment={"Variables": variables}), Table={"Type": "AWS::DynamoDB::Table"}
    )
    ran = run(
        *("--event", "event.json", "--template", "template.json", "--requests", "30", "--format", "json"),
        *("--env", "B=said", "--env", "C=said"),
    )
    assert ran.code == 0, ran.err
    assert ran.json["declared"]["fits"]
    assert ran.json["declared"]["size"]["memory_size"] == 4096
    assert [each["concurrency"] for each in ran.json["outcomes"]] == [3]
    assert any(assumption.endswith(": D") for assumption in ran.json["assumptions"])
    assert any("python3.14" in assumption for assumption in ran.json["assumptions"]) == (
        sys.version_info[:2] != (3, 14)
    )


def test_one_concurrency_stands_for_what_an_image_does_not_state(run, app, write_template):
    """Its default depends on the language, which is in the image."""
    write_template(Fn=declared(2048, 2, None, Runtime=None, Handler=None, PackageType="Image"))
    ran = run(
        *("app:handler", "--event", "event.json", "--template", "template.json", "--concurrency", "2"),
        *("--requests", "9", "--format", "json"),
    )
    assert ran.code == 0, ran.err
    assert ran.json["declared"]["fits"]
    assert ran.json["declared"]["size"]["per_execution_environment_max_concurrency"] == 2


def test_the_code_of_a_template_is_run_from_its_assembly(run, write, write_template):
    """And both reports say which folder that was."""
    write("cdk.out/asset.1/app.py", SLEEPING)
    write("event.json", {})
    write_template("cdk.out/template.json", Fn={**declared(), "Metadata": {"aws:asset:path": "asset.1"}})
    asked = ["--event", "event.json", "--template", "cdk.out/template.json", "--requests", "4"]
    folder = str(Path("cdk.out/asset.1").resolve())
    assert folder in run(*asked).out
    assert run(*asked, "--format", "json").json["task_root"] == folder
    Path("app.py").write_text(SLEEPING)
    assert run(*asked, "--task-root", ".", "--format", "json").json["task_root"] == str(Path.cwd())


def test_code_outside_of_the_assembly_is_not_run(run, write, write_template):
    """Unless it is named on the command line."""
    write("outside/app.py", f"open('ran', 'w')\n{SLEEPING}")
    write("event.json", {})
    write_template("cdk.out/template.json", Fn={**declared(), "Metadata": {"aws:asset:path": "../outside"}})
    asked = ["--event", "event.json", "--template", "cdk.out/template.json", "--requests", "4"]
    Path("app.py").write_text(SLEEPING)  # in the working directory, which stands for a folder that is not named
    ran = run(*asked)
    assert (ran.code, ran.out) == (2, "")
    assert all(part in ran.err for part in ("cdk.out/template.json: Fn names '../outside'", "--task-root"))
    assert not Path("outside/ran").exists()
    assert run(*asked, "--task-root", "outside").code == 0
    assert Path("outside/ran").exists()


def test_what_only_just_holds_does_not_fit(run, app, write_template):
    """Without the headroom it would."""
    # It waits: three processes that never do keep more vCPUs busy than come with 4096 MiB.
    Path("app.py").write_text(f"held = bytearray(b'x') * (600 << 20)\n{SLEEPING}")
    write_template(Fn=declared(2048, 2, 3))
    asked = ["--event", "event.json", "--template", "template.json", "--requests", "3"]
    strict = run(*asked)
    assert strict.code == 1
    assert "does not fit" in strict.out
    assert "memory_size=4096," in strict.out, strict.out
    loose = run(*asked, "--headroom", "5")
    assert loose.code == 0
    assert "does not fit" not in loose.out


def test_a_size_that_aws_refuses_does_not_fit(run, app, write_template):
    """However little the handler takes; what no environment can have is not tried."""
    for size, ids in (((3500, 4, 2), ["LMI104"]), ((1024, 2, 2), ["LMI101"]), ((2048, 2, 65), ["LMI202"])):
        write_template(Fn=declared(*size))
        ran = run(
            *("--event", "event.json", "--template", "template.json", "--requests", "1", "--format", "json"),
            *("--concurrency", "1"),
        )
        assert ran.code == 1
        assert ran.json["declared"]["errors"] == ids
        assert ran.json["recommendation"]["size"]["memory_size"] == 2048


def test_what_runs_out_of_memory_is_refused_and_given_a_size_that_runs(run, write, write_template):
    """300 MiB in each of 16 processes: 4096 MiB are too little, and what is recommended holds where it is enforced."""
    write("app.py", LARGE)
    write("event.json", {"at": 5})
    write_template(Fn=declared(4096, 2, 16))
    ran = run("--event", "event.json", "--template", "template.json", "--requests", "32", "--format", "json")
    assert ran.code == 1
    outcome = ran.json["declared"]["outcome"]
    assert outcome["reason"] == "FunctionError.InitResourceExhausted"
    assert outcome["used_mib"] > outcome["memory_size"] == 4096
    size = ran.json["recommendation"]["size"]
    assert size["memory_size"] == 6144
    assert size["per_execution_environment_max_concurrency"] == 16
    with ExecutionEnvironment("app.handler", task_root=".", max_concurrency=16, memory_size=size["memory_size"]) as it:
        answers = it.invoke_many([{"at": at} for at in range(64)])
        assert 16 * 300 < it.memory().total_mib < 16 * 320
    assert [answer.payload for answer in answers] == [ord("x")] * 64


@pytest.mark.parametrize("moment", ["starting", "measuring"])
def test_an_interrupted_command_leaves_nothing(write, moment):
    """Neither a process nor a traceback, whenever it comes."""
    write("event.json", {})
    write("app.py", f"import time\ntime.sleep({9 if moment == 'starting' else 0})\ndef handler(*_): time.sleep(0.1)")
    command = [sys.executable, "-m", "cdk_lmi", "fit", "app:handler", "--event", "event.json", "--seconds", "60"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while len(processes_below(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.7)
    started = processes_below(process.pid)
    assert len(started) >= 3
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, "Traceback" in err) == (130, "", False), err
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)


def test_it_is_told_how_far_it_is_at_a_terminal(write):
    """On one line, which is gone at the end."""
    import pty

    write("event.json", {})
    write("app.py", SLEEPING)
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "cdk_lmi", "fit", "app:handler", "--event", "event.json"]
    process = subprocess.Popen(
        # A loaded machine looks more rarely, and nothing is told in the first seconds.
        [*command, "--seconds", "8", "--concurrency", "2"],
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    told = b""
    while True:
        try:
            read = os.read(master, 4096)
        except OSError:
            break
        if not read:
            break
        told += read
    os.close(master)
    assert process.wait() == 0
    assert b"concurrency 2: measuring" in told
    assert told.endswith(b"\r\x1b[K")
