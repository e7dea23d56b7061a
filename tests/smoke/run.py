"""Install the wheel, without extras, into an empty environment outside the checkout, and try it there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path


def main() -> None:
    """Run the smoke test."""
    (wheel,) = Path(sys.argv[1]).resolve().glob("sqlops-*.whl")
    check = Path(__file__).resolve().with_name("check.py")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(f"{folder}/environment", with_pip=True)
        python = f"{folder}/environment/bin/python"
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", str(wheel)], check=True, cwd=folder)
        subprocess.run([*pip, "check"], check=True, cwd=folder)
        # -I: nothing of the checkout, of the user or of PYTHONPATH can be imported.
        subprocess.run([python, "-I", str(check)], check=True, cwd=folder)


if __name__ == "__main__":
    main()
