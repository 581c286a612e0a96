"""Sees to it that a Chromium is there for the browser tests: the system's, else Playwright's own."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def commands() -> list[list[str]]:
    """What installs one here."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def main() -> int:
    if any(shutil.which(name) for name in NAMES):
        return 0
    sys.stdout.write("Installing a browser for the tests\n")
    sys.stdout.flush()
    for command in commands():
        if subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode != 0:
            sys.stderr.write(f"`{' '.join(command)}` failed. Install Chromium and start again.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
