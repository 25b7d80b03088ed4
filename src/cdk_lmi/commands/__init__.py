"""The subcommands of ``cdk-lmi``, each a module with one ``COMMAND``.

All are imported whenever the command starts, so that each imports what it works with in its functions.
"""
