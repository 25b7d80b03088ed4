"""The service of the orders API: handlers take events, logic decides, data keeps. Imports run in that direction."""
