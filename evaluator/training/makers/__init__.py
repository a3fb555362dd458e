"""Makers of training pictures, one family a module; each is a function of a number and a seed."""
