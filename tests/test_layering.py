"""That imports run downward only, and that judging a configuration starts no Node."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cdk_lmi

PACKAGE = Path(cdk_lmi.__file__).parent

#: From the bottom up. A module imports from layers below its own.
LAYERS = [
    ["rules.limits", "endpoints"],
    ["rules.facts", "rules.instance_types"],
    ["rules.engine", "rules.instances"],
    [
        "rules.arguments",
        "rules.sizing",
        "rules.concurrency",
        "rules.scaling",
        "rules.network",
        "rules.publishing",
        "rules.capacity",
        "rules.compatibility",
    ],
    ["rules.catalogue"],
    ["template.syntax"],
    ["template.loops"],
    ["template.intrinsics"],
    ["template.api_calls", "template.state_machines"],
    ["template.connectivity", "template.publication"],
    ["template.permissions", "template.rollouts", "template.schedules"],
    ["template.properties"],
    ["template.queues"],
    ["template.cross_stack"],
    ["template.survey"],
    ["template.check"],
    ["documents.metadata", "documents.source"],
    ["documents.json", "documents.yaml"],
    ["documents.files"],
    ["documents.assembly", "documents.functions"],
    ["inspection"],
    ["prices", "workload"],
    ["fleet"],
    ["local.http1", "local.invocation", "local.logs", "local.observer", "local.processes", "local.supervisor"],
    ["local.hazards", "local.memory_limit", "local.variables"],
    ["local.arguments", "local.runtime_api", "local.storage"],
    ["local.sandbox"],
    ["local.environment"],
    ["local", "local.plugin"],
    ["reports.printable"],
    ["reports.text", "reports.json", "reports.github"],
    ["reports.sarif"],
    ["rules.examples"],
    ["failures.failure"],
    ["failures.sources"],
    ["failures.states"],
    [
        "failures.capacity_providers",
        "failures.concurrency",
        "failures.deployments",
        "failures.invocations",
        "failures.permissions",
        "failures.publishing",
        "failures.tools",
    ],
    ["failures.messages"],
    ["failures.catalogue", "failures.recognition"],
    ["diagram.entries", "diagram.picture", "diagram.wording"],
    ["diagram.canvas", "diagram.mermaid"],
    ["diagram.network"],
    ["diagram.drawing"],
    ["fit.machine", "fit.measurement"],
    ["fit.choice", "fit.load"],
    ["fit.declaration"],
    ["fit.outcome"],
    ["fit.explanation", "fit.fitting", "fit.plot"],
    ["fit.json", "fit.text"],
    ["terminal"],
    ["commands.fit_request", "commands.rule_names", "commands.template_paths"],
    ["commands.check", "commands.diagram", "commands.explain", "commands.fit", "commands.rules", "commands.size"],
    ["cli"],
    ["__main__"],
    ["signature", "judgement", "acknowledgments", "caller"],
    ["operate.metrics", "operate.queues", "operate.rollout", "operate.schedule", "operate.thresholds"],
    ["operate.alarms", "operate.dashboard"],
    ["reading", "stacks"],
    ["grants", "reach"],
    ["inference"],
    ["network"],
    ["capacity_provider"],
    ["function", "validator"],
]
#: What a module imports where its extra is installed.
EXTRAS = {
    ("documents.yaml", "yaml"),
    ("fit.plot", "matplotlib"),
    ("local.observer", "awslambdaric"),
    ("local.plugin", "pytest"),
}
LEVEL = {module: level for level, layer in enumerate(LAYERS) for module in layer}
PURE = LEVEL["__main__"]


def modules():
    """Give the name of each module and its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        # The examples of rules are no modules; of packages, most are their docstring.
        if name != "__init__" and "." not in path.stem and not is_docstring(path):
            yield name, path


def is_docstring(path):
    """Tell whether a module holds nothing else."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) == 1


def imports(module, path):
    """Give what a module imports: of this package by name from its root, of others by their first name."""
    package = module.split(".")[: None if path.name == "__init__.py" else -1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            yield True, ".".join([*base, node.module] if node.module else [*base, node.names[0].name])
        elif isinstance(node, ast.ImportFrom):
            yield False, str(node.module).partition(".")[0]
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield False, name.name.partition(".")[0]


def test_every_module_has_its_layer():
    """A new module says where it stands."""
    assert {name for name, _ in modules()} == set(LEVEL)


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_run_downward(module, path):
    """From layers below, and in the core from the standard library."""
    for internal, name in imports(module, path):
        if internal:
            assert LEVEL[name] < LEVEL[module], f"{module} imports {name}"
        elif LEVEL[module] <= PURE:
            assert name in sys.stdlib_module_names or (module, name) in EXTRAS, f"{module} imports {name}"


@pytest.mark.parametrize(
    "statement",
    [
        "import cdk_lmi",
        "from cdk_lmi import RULES, Violation, Severity, ManagedInstanceError, check_template",
        "import cdk_lmi.rules.catalogue",
        "import cdk_lmi.cli",
    ],
)
def test_the_core_starts_no_node(statement):
    """In a fresh interpreter, neither jsii nor CDK is loaded."""
    script = (
        f"{statement}\nimport sys\nprint([name for name in ('jsii', 'aws_cdk', 'constructs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_those_that_load():
    """Each is documented, and nothing else is offered."""
    assert dir(cdk_lmi) == sorted(cdk_lmi.__all__)
    for name in cdk_lmi.__all__:
        assert getattr(cdk_lmi, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'ManagedInstanceFunktion'"):
        cdk_lmi.ManagedInstanceFunktion  # noqa: B018
