"""Composition: the stages joined into jobs, and the process that runs them."""
