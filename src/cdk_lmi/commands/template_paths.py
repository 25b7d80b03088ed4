"""The template arguments, the same for all commands."""

from __future__ import annotations

import argparse


def add_template_paths(parser: argparse.ArgumentParser) -> None:
    """Add an argument for one or more paths of templates."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a template in JSON or YAML, a cloud assembly (cdk.out), or - for standard input",
    )
