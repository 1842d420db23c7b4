"""Small disks that can be filled: a tmpfs for each database, where this process may mount one."""

import os
import shutil
import subprocess
from pathlib import Path

_BALLAST = "ballast"
_BLOCK_BYTES = 1 << 20


class Disk:
    """A folder; ``fillable`` when it is a small file system of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.fillable = False
        self.full = False

    def mount(self, size_bytes: int) -> bool:
        """Give the folder a file system of its own; False where that is not allowed."""
        mount = shutil.which("mount")
        if mount is None or os.geteuid() != 0:
            return False
        options = f"size={size_bytes},mode=700"
        command = [mount, "-t", "tmpfs", "-o", options, "clientela-torture", str(self.folder)]
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own words
        self.fillable = done.returncode == 0
        return self.fillable

    def fill(self) -> None:
        """Leave no byte free."""
        self.full = True
        with (self.folder / _BALLAST).open("ab", buffering=0) as ballast:
            size = _BLOCK_BYTES
            while size:
                try:
                    if ballast.write(bytes(size)) < size:
                        size //= 2
                except OSError:
                    size //= 2

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)
        self.full = False

    def release(self, keep_in: Path | None = None) -> None:
        """Unmount it; with ``keep_in`` its files are copied there first."""
        self.empty()
        if keep_in is not None:
            shutil.copytree(self.folder, keep_in, dirs_exist_ok=True)
        umount = shutil.which("umount")
        if self.fillable and umount is not None:
            command = [umount, "--lazy", str(self.folder)]
            subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own words
            self.fillable = False
