"""Run as `python -m mailhours`."""

from mailhours.cli import main

main()
