"""Template files and cloud assemblies: read, parsed, and kept with where in them things stand."""
