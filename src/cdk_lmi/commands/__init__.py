"""The subcommands of ``cdk-lmi``, each a module with one ``COMMAND``.

Every run imports all of these modules, so each imports what it needs inside its functions.
"""
