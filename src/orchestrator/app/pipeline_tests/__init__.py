"""Tests that stand beside pipelines: run offline in copies of their folders, with what they covered."""
