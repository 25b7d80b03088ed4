"""Paths among the arguments, the same for all commands."""

from __future__ import annotations

import argparse


def add_template_paths(parser: argparse.ArgumentParser) -> None:
    """Add an argument for one or more paths of templates."""
    parser.add_argument(
        "paths",
        type=path_argument,
        nargs="+",
        metavar="PATH",
        help="a template in JSON or YAML, a cloud assembly (cdk.out), or - for standard input",
    )


def path_argument(written: str) -> str:
    """Take an argument for the path of a file or folder, whether or not there is one.

    Raises:
        ArgumentTypeError: It is empty, which ``pathlib`` would take for the working directory.
    """
    if not written:
        raise argparse.ArgumentTypeError("must be a path, got an empty one; is a variable of the shell not set?")
    return written
