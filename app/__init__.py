"""Crossover: coordination of benefits for US outpatient practices."""

__version__ = "0.1.0"
