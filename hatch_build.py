"""Builds the frontend into the package, unless the built pages are there already."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendBuildHook(BuildHookInterface[Any]):
    """Runs ``npm ci`` and ``npm run build``; a wheel from the sdist needs no Node."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages; an editable install leaves that to ``make``."""
        del build_data
        root = Path(self.root)
        built = root / "src/clientela/client_facade/pages/index.html"
        if version == "editable" or built.exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError("Building Clientela needs Node 20 with npm: install it first.")
        for arguments in (["ci", "--no-audit"], ["run", "build"]):
            subprocess.run([npm, *arguments], cwd=root / "frontend", check=True)  # noqa: S603
