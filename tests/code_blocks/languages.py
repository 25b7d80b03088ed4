"""What is done with a block, by its language. What is not in the table fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import yaml
from cfnlint.decode import decode_str

from cdk_lmi import check_template

from ..samples.test_sam import ManagedPolicyMap
from . import shell
from .pages import Block

if TYPE_CHECKING:
    from .story import Story

Rule = Callable[["Story", Block, int], "str | None"]


def play_python(story: Story, block: Block, line: int) -> str | None:
    """Run it; what has a file name is run by whoever imports it."""
    if block.title is None:
        return story.run(block.source, line, "page.py")
    compile(block.source, block.title, "exec")
    return None


def play_json(story: Story, block: Block, line: int) -> str | None:
    """Parse it."""
    json.loads(block.source)
    return None


def play_yaml(story: Story, block: Block, line: int) -> str | None:
    """Parse it; have a SAM application translated and judged, and the commands of a workflow checked."""
    if re.search(r"^Transform: AWS::Serverless", block.source, flags=re.MULTILINE):
        from samtranslator.translator.transform import transform

        template, faults = decode_str(block.source)
        if faults:
            return "\n".join(map(str, faults))
        story.processed = transform(json.loads(json.dumps(template)), {}, ManagedPolicyMap())
        check_template(story.processed)
        return None
    for command in _commands(yaml.safe_load(block.source)):
        wrong = shell.check(story, command)
        if wrong:
            return wrong
    return None


def _commands(document: Any) -> Iterator[str]:
    """Find what steps of a workflow run."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from [value] if key == "run" and isinstance(value, str) else _commands(value)
    elif isinstance(document, list):
        for value in document:
            yield from _commands(value)


def play_hcl(story: Story, block: Block, line: int) -> str | None:
    """Parse it."""
    import hcl2

    hcl2.loads(block.source)
    return None


def play_diff(story: Story, block: Block, line: int) -> str | None:
    """See that each line is one of a difference."""
    wrong = [text for text in block.source.splitlines() if text and text[0] not in "+- @"]
    return f"no line of a difference: {wrong[0]}" if wrong else None


def play_text(story: Story, block: Block, line: int) -> str | None:
    """Leave it a file. What is none is the output of something, which the story compares."""
    return None


def play_mermaid(story: Story, block: Block, line: int) -> str | None:
    """Leave it to the test that has Mermaid read all charts at once: Node takes seconds to start."""
    return None


LANGUAGES: Mapping[str, Rule] = {
    "diff": play_diff,
    "hcl": play_hcl,
    "json": play_json,
    "mermaid": play_mermaid,
    "python": play_python,
    "sh": shell.play,
    "text": play_text,
    "yaml": play_yaml,
}
