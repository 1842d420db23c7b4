"""Clientela: a company's register of clients, in one place and live everywhere it is used."""

__version__ = "0.2.0.dev0"
