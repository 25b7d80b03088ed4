"""What .projenrc.py is put together from, where that is long."""
