"""Write the generated pages in docs/ from the rules, the limits and the failures.

``python docs/generate.py`` writes them. ``python docs/generate.py --check`` writes nothing, names the stale pages, and
exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from cdk_lmi.failures.catalogue import FAILURES
from cdk_lmi.failures.failure import Failure
from cdk_lmi.failures.messages import MESSAGES
from cdk_lmi.failures.states import REASONS, STATES
from cdk_lmi.rules import limits
from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import Rule
from cdk_lmi.rules.examples import before_after
from cdk_lmi.rules.instance_types import GIB_PER_V_CPU_OF_FAMILY, SIZES_TOO_SMALL
from cdk_lmi.rules.limits import LANGUAGES, OPERATOR_KEY_ACTIONS, RUST, Language, Limit

FOLDER = Path(__file__).parent
GENERATED = "<!-- Written by docs/generate.py from the rules. Change those, and run it again. -->\n"

#: The cells of one line of a table.
Row: TypeAlias = tuple[str, ...]

#: The name of a page in a link, by the beginning of its address. Other pages use their host name.
PUBLICATIONS = {
    limits.GUIDE: "Lambda guide",
    limits.API: "Lambda API",
    limits.CLOUDFORMATION: "CloudFormation",
    limits.SAM_CAPACITY_PROVIDER_CONFIG: "AWS SAM",
    limits.SAM_TRANSLATOR: "AWS SAM",
    limits.PERFORMANCE_POST: "AWS Compute Blog",
}

RULES_INTRO = """\
# Rules

An **error** means that AWS refuses the configuration, or that it cannot serve. A **warning** means that it deploys but
causes harm. If a rule lacks a fact that it needs, because of a CDK token or an imported resource, it reports nothing.
Some errors are only warnings in some cases; the text of the rule says when.

AWS changes its limits, and a warning may be about something that you intend. To acknowledge a rule, give its id and a
reason:

| Where | How |
| --- | --- |
| on a construct of this library: errors and warnings | `acknowledge=[cdk.Acknowledgment(id="LMI105", reason="…")]` |
| in any CDK app: warnings, and what is found at synthesis \
| `cdk.Validations.of(x).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI105", reason="…"))` |
| on the command line | `--ignore LMI105` |

LMI0xx are about arguments that a construct cannot use. They cannot be acknowledged, because there would be nothing to
define.

The numbers are in [Limits](limits.md), each with its source.
"""

LIMITS_INTRO = """\
# Limits

Every number that the [rules](rules.md) use, from `cdk_lmi.rules.limits`, with its source and the date when it was
read. If other pages of AWS or other tools disagree, the table says so.
"""

TROUBLESHOOTING_INTRO = """\
# Troubleshooting

What AWS says when Managed Instances fail, what it means, and how to fix it with the keywords of the constructs.
`cdk-lmi explain` finds an entry by its code or by its message, whatever numbers and names are in it. Most of a message
is enough, if it has the words that say what failed. (`pbpaste` prints the clipboard on macOS.)

```sh
cdk-lmi explain FunctionError.InitResourceExhausted
cdk-lmi explain "Memory ratio of 4096.0MB per CPU exceeds"
pbpaste | cdk-lmi explain -
```

Each entry says where its explanation comes from: documented by AWS, reported by users and tools, or inferred from the
name of the code, since AWS lists most of its codes and describes few.
"""
#: Problems about which AWS says nothing.
TROUBLESHOOTING_OUTRO = """\
## When AWS says nothing

### The function works, and there are no logs

The logs leave through the subnets of the capacity provider, and a function that cannot write its logs still runs. Give
the network the `logs` endpoint or a route out, and let the security groups allow outbound HTTPS:
[LMI501](rules.md#lmi501), [LMI505](rules.md#lmi505). `cdk-lmi diagram cdk.out` draws what cannot be reached.

### Some invocations fail under load, and no more environments start

Lambda adds environments until `max_execution_environments` or `max_v_cpu_count` is reached. The latter is reached
sooner than the sum of vCPUs suggests, because Lambda launches whole instances. Further invocations are throttled. See
which of the four throttle metrics rises ([Metrics](operate.md#metrics)), and raise that bound.
[LMI307](rules.md#lmi307) and [LMI309](rules.md#lmi309) warn about a cap without room. Callers get a
[TooManyRequestsException](#toomanyrequestsexception).
"""
#: The headings of the page on failures.
FAILURE_GROUPS = {
    "Reason codes": ("`StateReasonCode` and `LastUpdateStatusReasonCode` of functions and versions.", REASONS),
    "Messages and exceptions": ("Errors that API calls and deployments return.", MESSAGES),
    "States": (
        "States of functions, versions and capacity providers. A state gives no reason.",
        STATES,
    ),
}


def rules_page() -> str:
    """Return docs/rules.md."""
    overview = _table(
        ("Rule", "Name", "Severity", "What is wrong"),
        ((f"[{rule.id}](#{rule.id.lower()})", f"`{rule.slug}`", rule.severity.value, rule.title) for rule in RULES),
    )
    families = (
        "\n".join([f"## {_family_title(family)}\n", *map(_rule_section, rules)])
        for family, rules in groupby(RULES, key=lambda rule: rule.id[:4])
    )
    return "\n".join([GENERATED, RULES_INTRO, overview, *families])


def limits_page() -> str:
    """Return docs/limits.md."""
    groups = (
        f"## {_capitalised(title)}\n\n{_table(('Name', 'Value', 'Unit', 'What it is', 'Source'), rows)}"
        for title, rows in _groups()
        if rows
    )
    languages = _table(
        ("Language", "Runtimes", "Default concurrency per vCPU", "Source"),
        map(_language_row, (*LANGUAGES, RUST)),
    )
    families = _table(
        ("Families", "Memory per vCPU", "What they are", "Source"),
        ((name.upper(), f"{gib} GiB", gib.note, _source_of(gib)) for name, gib in GIB_PER_V_CPU_OF_FAMILY.items()),
    )
    sizes = f"No family runs in the sizes {_listed(SIZES_TOO_SMALL)}, see [LMI407](rules.md#lmi407).\n"
    actions = f"{_comments()['OPERATOR_KEY_ACTIONS']}\n\n{_listed(OPERATOR_KEY_ACTIONS)}.\n"
    return "\n".join(
        [
            GENERATED,
            LIMITS_INTRO,
            *groups,
            f"## Languages\n\n{languages}",
            f"## Instance families\n\n{families}\n{sizes}",
            f"## Customer-managed keys\n\n{actions}",
        ]
    )


def troubleshooting_page() -> str:
    """Return docs/troubleshooting.md."""
    overview = _table(
        ("What AWS says", "What it is"),
        ((f"[{failure.id}](#{_anchor(failure.id)})", failure.title) for failure in FAILURES),
    )
    groups = (
        "\n".join([f"## {heading}\n\n{about}\n", *map(_failure_section, failures)])
        for heading, (about, failures) in FAILURE_GROUPS.items()
    )
    return "\n".join([GENERATED, TROUBLESHOOTING_INTRO, overview, *groups, TROUBLESHOOTING_OUTRO])


PAGES: Mapping[str, Callable[[], str]] = {
    "rules.md": rules_page,
    "limits.md": limits_page,
    "troubleshooting.md": troubleshooting_page,
}


def stale(folder: Path) -> list[Path]:
    """Return the pages in a folder that are missing, or are not what would be written now."""
    paths = {folder / name: page for name, page in PAGES.items()}
    return [path for path, page in paths.items() if not path.is_file() or path.read_text(encoding="utf-8") != page()]


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Write the pages, or tell which are stale; give the exit status."""
    parser = argparse.ArgumentParser(description="Write the pages in docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where a page is stale")
    check = parser.parse_args(arguments).check
    paths = stale(folder)
    if check:
        for path in paths:
            print(f"docs/{path.name} is stale: run python docs/generate.py, and commit it", file=sys.stderr)
        return 1 if paths else 0
    for path in paths:
        path.write_text(PAGES[path.name](), encoding="utf-8")
        print(f"wrote docs/{path.name}")
    return 0


def _rule_section(rule: Rule) -> str:
    why = "\n\n".join(map(_prose, rule.why.split("\n\n")))
    return f"""\
### {rule.id}

**{_prose(rule.title)}.** {why}

`{rule.slug}` · {rule.severity.value} · since {rule.since} · {_link(rule.source)}

```diff
{before_after(rule.id)}```
"""


def _failure_section(failure: Failure) -> str:
    messages = "".join(f"> {_message(message)}\n\n" for message in failure.messages)
    # Some tools write codes without their dot, and whoever searches for one has nothing else.
    undotted = failure.id.replace(".", "")
    others = [code for code in (*failure.codes, undotted) if code != failure.id]
    also = f"Also: {_listed(others)}.\n\n" if others else ""
    launches = f"Also where EC2 refuses a launch: {_listed(failure.launch_codes)}.\n\n" if failure.launch_codes else ""
    rules = ", ".join(f"[{id}](rules.md#{id.lower()})" for id in failure.rules)
    told_by = f"\nReported before deployment by {rules}.\n" if rules else ""
    sources = " · ".join(f"{_link(source.address)}, {source.read}" for source in failure.sources)
    return f"""\
### {failure.id}

{messages}{also}{launches}**{_prose(_capitalised(failure.title))}.** {_prose(failure.meaning)}

Likely cause: {_prose(failure.cause)}

Check:

{_bullets(failure.checks)}
Fix:

{_bullets(failure.fixes)}{told_by}
{_capitalised(failure.basis.value)} · {sources}
"""


def _message(message: str) -> str:
    """Return a message of AWS's as it is, with an ellipsis where something is that changes."""
    return f"`{re.sub(r'{[a-z]+}', '…', message)}`"


def _bullets(items: Iterable[str]) -> str:
    return "".join(f"- {_prose(item)}\n" for item in items)


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _family_title(family: str) -> str:
    """Return the title of a family, which is that of the module its rules are in."""
    (rule, *_) = (rule for rule in RULES if rule.id.startswith(family))
    documentation = inspect.getdoc(sys.modules[rule.judge.__module__]) or ""
    return documentation.partition("\n")[0].rstrip(".")


def _groups() -> Iterator[tuple[str, list[Row]]]:
    """Return the title of each group of numbers in limits.py, and a row for each of them."""
    comments = _comments()
    title = ""
    rows: list[Row] = []
    for line in inspect.getsource(limits).splitlines():
        name = _constant(line)
        if heading := re.fullmatch(r"# --- (.+?) -+", line):
            yield title, rows
            title, rows = heading[1], []
        elif name is not None:
            what = comments[name] or _capitalised(name.lower().replace("_", " ").replace("v cpu", "vCPU"))
            rows += [_limit_row(name, what, limit) for limit in _limits_in(getattr(limits, name))]
    yield title, rows


def _limit_row(name: str, what: str, limit: Limit) -> Row:
    told = "; ".join(filter(None, (what.rstrip("."), limit.note)))
    return f"`{name}`", str(limit), limit.unit, told, _source_of(limit)


def _language_row(language: Language) -> Row:
    limit = language.concurrency_per_v_cpu
    return language.name, f"`{language.oldest_runtime}` and newer", str(limit), _source_of(limit)


def _comments() -> Mapping[str, str]:
    """Return the ``#:`` comment above each constant in limits.py, by its name."""
    comments: dict[str, str] = {}
    above: list[str] = []
    for line in inspect.getsource(limits).splitlines():
        if (name := _constant(line)) is not None:
            comments[name] = " ".join(above)
        above = [*above, line[2:].strip()] if line.startswith("#:") else []
    return comments


def _constant(line: str) -> str | None:
    match = re.match(r"([A-Z][A-Z_]*) = ", line)
    return match[1] if match else None


def _limits_in(value: Any) -> list[Limit]:
    """Return the numbers of a constant; those of a language have a table of their own."""
    values = value if isinstance(value, tuple) else (value,)
    return [item for item in values if isinstance(item, Limit)]


def _source_of(limit: Limit) -> str:
    return f"{_link(limit.source)}, {limit.read}"


def _link(address: str) -> str:
    publication = next((name for start, name in PUBLICATIONS.items() if address.startswith(start)), None)
    return f"[{publication or urlsplit(address).netloc}]({address})"


def _table(heading: Row, rows: Iterable[Row]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return _prose(text).replace("|", r"\|")


def _prose(text: str) -> str:
    """Return text of a docstring as Markdown: on one line, code between single backticks, ``$`` as itself."""
    line = " ".join(text.split()).replace("``", "`")
    # Between two dollar signs GitHub would typeset mathematics.
    return re.sub(r"(?<!`)\$LATEST(\.PUBLISHED)?", r"`\g<0>`", line)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(items: Iterable[str]) -> str:
    *first, last = (f"`{item}`" for item in items)
    return f"{', '.join(first)} and {last}" if first else last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
