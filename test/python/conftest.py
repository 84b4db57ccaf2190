"""Tests neither see nor change the user's measured schedules."""

import os
import tempfile

_folder = tempfile.TemporaryDirectory(prefix="seednorm-tuning-")
os.environ["SEEDNORM_TUNING_DB"] = os.path.join(_folder.name, "tuning.db")
for name in ("SEEDNORM_TUNING_MODE", "SEEDNORM_PRINT_TUNING"):
    os.environ.pop(name, None)
