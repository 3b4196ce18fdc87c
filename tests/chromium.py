"""The browser of the browser tests: an installed Chromium, else one from apt (as root), else Playwright's own.

`python -m tests.chromium` makes sure there is one, and that Chinese characters have a font.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless, quiet, and no calls home; root needs --no-sandbox.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)


def find() -> str | None:
    """The program to drive; None lets Playwright look for its own."""
    named = os.environ.get("HEGE_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def _has_cjk_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False).stdout.strip())


def _apt(*packages: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return True


def _playwrights_own() -> bool:
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode == 0


def main() -> int:
    """Install what is missing; exit status 1 if there is no browser afterwards."""
    missing = [] if find() else ["chromium"]
    if not _has_cjk_font():
        missing += ["fontconfig", "fonts-noto-cjk"]
    if missing:
        print("browser tests need: " + ", ".join(missing), flush=True)
        if not _apt(*missing) and "chromium" in missing and not _playwrights_own():
            print("No Chromium could be installed: install one, or name it in HEGE_CHROMIUM.", file=sys.stderr)
            return 1
    if not _has_cjk_font():
        print("No Chinese font found: tests run, but screenshots show boxes. Install fonts-noto-cjk.", file=sys.stderr)
    print(f"Chromium: {find() or 'as Playwright installed it'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
