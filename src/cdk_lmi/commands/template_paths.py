"""The templates that a command is given: one way to name them for all commands."""

from __future__ import annotations

import argparse


def add_template_paths(parser: argparse.ArgumentParser) -> None:
    """Have a command take the paths of templates, one and more."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a template in JSON or YAML, a cloud assembly (cdk.out), or - for standard input",
    )
