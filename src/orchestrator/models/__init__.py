"""Choosing models, asking them, and holding their answers to what a step wants."""
