#!/usr/bin/env python
"""Runs the demo bank's commands: `manage.py demo`, `load_demo`, `load_bank_marketing` and Django's own."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
