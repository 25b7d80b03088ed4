"""Which mutants there are of a module: what cosmic-ray's operators make of it, but for what is never executed."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code

#: A line and a column, as parsers count them: lines from 1, columns from 0.
Position = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """A module in which one thing is changed."""

    #: The name to import it by, as in ``cdk_lmi.rules.sizing``.
    module: str
    #: Where it is written, and what stood there when the mutant was made: whoever goes on writing disturbs nothing.
    path: Path
    original: str
    #: The function or class that is changed; empty for the module itself.
    definition: str
    #: The name of cosmic-ray's operator, and which of the places that it could change.
    operator: str
    occurrence: int

    def source(self) -> str:
        """Give the whole text of the changed module."""
        return str(mutate_code(self.original, plugins.get_operator(self.operator)(), self.occurrence))

    def change(self) -> tuple[str, str]:
        """Give the lines that are changed, as they are and as the mutant has them, without indentation."""
        difference = list(difflib.ndiff(self.original.splitlines(), self.source().splitlines()))
        return _lines(difference, "- "), _lines(difference, "+ ")


def _lines(difference: list[str], sign: str) -> str:
    return " ".join(" ".join(line[2:].split()) for line in difference if line.startswith(sign))


def mutants(module: str, path: Path) -> Iterator[Mutant]:
    """Give every mutant of a module, in the order of its operators.

    Annotations are left alone: nothing evaluates them (``from __future__ import annotations``), so that no test could
    tell. So are the operators of cosmic-ray that must be told what to put in.
    """
    original = path.read_text(encoding="utf-8")
    never_executed = list(_annotations(original))
    nodes = list(ast_nodes(get_ast(original)))
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        if operator.arguments():
            continue
        places = ((node, place) for node in nodes for place in operator().mutation_positions(node))
        for occurrence, (node, (start, end)) in enumerate(places):
            if not any(first <= start and end <= last for first, last in never_executed):
                yield Mutant(module, path, original, ASTQuery(node).get_definition_name() or "", name, occurrence)


def _annotations(source: str) -> Iterator[tuple[Position, Position]]:
    """Give where each annotation of a module begins and ends."""
    for node in ast.walk(ast.parse(source)):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if isinstance(annotation, ast.expr):
                yield (
                    (annotation.lineno, annotation.col_offset),
                    (annotation.end_lineno or annotation.lineno, annotation.end_col_offset or annotation.col_offset),
                )
