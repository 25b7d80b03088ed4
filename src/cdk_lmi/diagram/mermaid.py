"""A picture as a Mermaid flowchart, https://mermaid.js.org/syntax/flowchart.html, as Mermaid 12.3.0 reads it.

What a label says is anybody's text. Whatever is no letter, digit or harmless mark is written as its number, so that no
text ends its label, is taken for Markdown or HTML, or does anything else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .picture import Arrow, Box, Group, Picture, Role, Way

#: What Mermaid draws at the most, unless whoever shows it says otherwise: GitHub does not.
MOST_ARROWS = 500
MOST_CHARACTERS = 50_000

# No label is read to its end that is longer.
_LONGEST_LINE = 80
_HARMLESS = " _-.,/()+"
_NUMBERED = re.compile(r"\d+[.)]")

_SHAPES = {
    Role.ENTRY: ("[", "]"),
    Role.ALIAS: ("([", "])"),
    Role.VERSION: ("[", "]"),
    Role.FUNCTION: ("[", "]"),
    Role.CAPACITY_PROVIDER: ("[[", "]]"),
    Role.SUBNET: ("[", "]"),
    Role.SECURITY_GROUP: ("{{", "}}"),
    Role.ENDPOINT: ("(", ")"),
    Role.WAY_OUT: ("(", ")"),
    Role.SERVICE: ("[(", ")]"),
    Role.ELSEWHERE: ("[", "]"),
}
_ARROWS = {Way.OPEN: "-->", Way.BELONGS: "-.->", Way.UNTOLD: "-.->", Way.CLOSED: "--x"}
_CUT_OFF = "cutoff"
_STYLES = {
    "alias": "fill:#4ecdc4,stroke:#333,color:#000",
    "function": "fill:#ffe66d,stroke:#333,color:#000",
    "provider": "fill:#ff6b6b,stroke:#333,color:#000",
    "service": "fill:#4a90d9,stroke:#333,color:#fff",
    _CUT_OFF: "fill:#fff,stroke:#c00,stroke-width:2px,stroke-dasharray:5 5,color:#c00",
}
_STYLE_OF = {
    Role.ALIAS: "alias",
    Role.FUNCTION: "function",
    Role.CAPACITY_PROVIDER: "provider",
    Role.SERVICE: "service",
}


def flowchart(picture: Picture) -> str:
    """Write a picture as a Mermaid flowchart, from left to right.

    Args:
        picture: Its ids are letters, digits and underscores; all else may be any text.
    """
    lines = [
        "flowchart LR",
        *_read_out(picture),
        *_inside(picture),
        *map(_arrow, picture.arrows),
        *_styles(picture.all_boxes()),
    ]
    return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])]) + "\n"


def label(line: str) -> str:
    """Write one line of any text so that it stands in a label as it is."""
    shown = line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
    # A line that begins otherwise may be a list or a heading of Markdown.
    starts_as_text = shown[:1].isalnum() and not _NUMBERED.match(shown)
    return "".join(
        character if _is_harmless(character) and (place or starts_as_text) else f"#{ord(character)};"
        for place, character in enumerate(shown)
        if character.isprintable()
    )


def _is_harmless(character: str) -> bool:
    return character.isalnum() or character in _HARMLESS or character == "…"


def _read_out(picture: Picture) -> Iterator[str]:
    """Say what is drawn, to those who have it read out: https://mermaid.js.org/config/accessibility.html."""
    if title := label(picture.title):
        yield f"accTitle: {title}"
    boxes = list(picture.all_boxes())
    count = Counter(box.role for box in boxes)
    functions, providers = count[Role.FUNCTION], count[Role.CAPACITY_PROVIDER]
    what = (
        f"what calls {_number(functions, 'function')}, where that runs and what it reaches"
        if functions
        else f"{_number(providers, 'capacity provider')} and what is reached from there"
    )
    cut_off = sum(box.is_cut_off for box in boxes)
    yield f"accDescr: Lambda Managed Instances, {what}{f', with {cut_off} cut off' if cut_off else ''}."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _inside(group: Group) -> Iterator[str]:
    for box in group.boxes:
        opening, closing = _SHAPES[box.role]
        yield f'{box.id}{opening}"{"<br/>".join(label(line) for line in box.lines if line)}"{closing}'
    for inner in group.groups:
        # Mermaid takes a group with nothing in it for a box.
        if any(True for _ in inner.all_boxes()):
            yield f'subgraph {inner.id}["{label(inner.title)}"]'
            yield from (f"  {line}" for line in _inside(inner))
            yield "end"


def _arrow(arrow: Arrow) -> str:
    told = f'|"{label(arrow.label)}"|' if arrow.label else ""
    return f"{arrow.source} {_ARROWS[arrow.way]}{told} {arrow.target}"


def _styles(boxes: Iterable[Box]) -> Iterator[str]:
    styled: dict[str, list[str]] = {}
    for box in boxes:
        style = _CUT_OFF if box.is_cut_off else _STYLE_OF.get(box.role)
        if style:
            styled.setdefault(style, []).append(box.id)
    for style, ids in styled.items():
        yield f"classDef {style} {_STYLES[style]}"
        yield f"class {','.join(ids)} {style}"
