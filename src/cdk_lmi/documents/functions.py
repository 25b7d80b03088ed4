"""Functions on Managed Instances in templates, and which of them a user means by a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ..template.intrinsics import Template
from ..template.properties import PROPERTIES
from ..template.publication import FUNCTION

# What CDK's function calls its resource, and ``ManagedInstanceFunction`` CDK's function.
_WITHIN = ("Resource", "Function")
_MOST_LISTED = 5
_ON_MANAGED_INSTANCES = f"Properties.{PROPERTIES['has_capacity_provider']}"


def functions_on_managed_instances(template: Template) -> Sequence[str]:
    """Give the functions on Managed Instances, by logical id."""
    return [id for id in template.of_type(FUNCTION) if template.may_state(id, _ON_MANAGED_INSTANCES)]


def below_stack(path: str, stack: str = "") -> str:
    """Give a construct path from the stack on: ``ListOrders`` for ``Prod/Shop/ListOrders`` in ``Prod/Shop``.

    Args:
        path: As in ``Shop/ListOrders``.
        stack: The path of the stack; where that is not known, it is the first step.
    """
    is_within = stack and f"{path}/".startswith(f"{stack}/")
    return path.removeprefix(stack if is_within else path.partition("/")[0]).lstrip("/")


@dataclass(frozen=True, eq=False)
class NamedFunction:
    """A function on Managed Instances, with all that a user may call it."""

    #: What to call the template that it is in.
    template: str
    id: str
    #: What Lambda calls it, where the template states that.
    function_name: str | None
    #: The construct paths of the resource, of CDK's function around it, and of the construct of this library.
    constructs: Sequence[str]
    #: The construct path of the stack, as in ``Prod/Shop``; empty where it is not known.
    stack: str

    @property
    def usual_names(self) -> Sequence[str]:
        """What a user would choose: the path of the outermost construct, from the stack on or whole, or an id."""
        return self._with_ids(self.constructs[-1:])

    @property
    def names(self) -> Sequence[str]:
        """All that it may be called."""
        return self._with_ids(self.constructs)

    def _with_ids(self, paths: Sequence[str]) -> Sequence[str]:
        names = [*(below_stack(path, self.stack) for path in paths), *paths, self.id, self.function_name]
        return list(dict.fromkeys(filter(None, names)))

    def ends_in(self, name: str) -> bool:
        """Whether its construct path ends in a name: what of a path is the stack may not be known."""
        if not self.constructs:
            return False
        last_step = self.constructs[-1].rfind("/") + 1
        return any(path.endswith(f"/{name}") and len(path) - len(name) <= last_step for path in self.constructs)


def named_functions(template: Template, paths: Mapping[str, str], stack: str, called: str) -> Iterator[NamedFunction]:
    """Give the functions on Managed Instances of a template.

    Args:
        template: The template.
        paths: Construct paths, by logical id.
        stack: The construct path of its stack; empty where it is not known.
        called: What to call the template.
    """
    for id in functions_on_managed_instances(template):
        name = template.property(id, "FunctionName")
        constructs = list(_constructs(paths[id], stack)) if paths.get(id) else []
        yield NamedFunction(called, id, name if isinstance(name, str) else None, constructs, stack)


def _constructs(path: str, stack: str) -> Iterator[str]:
    """Give the path of a function's resource, and those of the constructs that stand for the function."""
    yield path
    for step in _WITHIN:
        around, _, last = path.rpartition("/")
        if last == step and below_stack(around, stack):
            path = around
            yield path


def functions_called(functions: Sequence[NamedFunction], name: str) -> Sequence[NamedFunction]:
    """Give those that a user may mean by a name: the functions of that name, else those whose paths end in it."""
    name = name.strip("/")
    return [each for each in functions if name in each.names] or [each for each in functions if each.ends_in(name)]


def listed(functions: Sequence[NamedFunction], among: Sequence[NamedFunction], typed: str = "") -> Sequence[str]:
    """Give for each of some functions what a user may type for it.

    Args:
        functions: The functions.
        among: All that there are.
        typed: What the user typed. Whole paths are answered with whole paths.
    """
    counts = Counter(name for each in among for name in each.names)
    is_whole = "/" in typed and any(typed.partition("/")[0] == name.partition("/")[0] for name in _whole_paths(among))
    return [_label(each, counts, is_whole=is_whole) for each in functions]


def _whole_paths(functions: Sequence[NamedFunction]) -> Iterator[str]:
    return (each.constructs[-1] for each in functions if each.constructs)


def _label(function: NamedFunction, counts: Mapping[str, int], *, is_whole: bool) -> str:
    path = function.constructs[-1] if function.constructs else ""
    short = below_stack(path, function.stack)
    choices = [*((path, short) if is_whole else (short, path)), function.id]
    only_its_own = (name for name in choices if name and counts[name] == 1)
    return next(only_its_own, f"{path or function.id} ({function.template})")


def hint_for(functions: Sequence[NamedFunction], typed: str) -> str:
    """Say which functions there are for one who typed an unknown name: the nearest first, if one is near."""
    owners = {name: each for each in reversed(functions) for name in each.usual_names}
    near = next(iter(get_close_matches(typed, owners, n=1)), None)
    others = [each for each in functions if near is None or each is not owners[near]]
    names = sorted(listed(others, functions, typed))
    shown = ", ".join([*names[:_MOST_LISTED], *(["…"] if len(names) > _MOST_LISTED else [])])
    if near is None:
        return f"there is {shown or 'none'}"
    if len(functions_called(functions, near)) > 1:
        (near,) = listed([owners[near]], functions, typed)
    return f"did you mean {near}?{f' there is also {shown}' if shown else ''}"
