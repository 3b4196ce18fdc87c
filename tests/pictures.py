"""The pictures of both READMEs, taken from the demo in a real browser: `make pictures`.

`python -m tests.pictures FOLDER` plays the demo street into a database of its own, serves it on loopback, and writes
``demo.png`` (its first page on a desk) and ``shop.png`` (what a shop keeper sees on a phone). A picture that is not below
``MOST_BYTES`` is an error: whoever clones the project pays for it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")

import django

django.setup()

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser.site import Site, play, served  # noqa: E402
from tests.chromium import ARGUMENTS, find  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
#: Of one picture.
MOST_BYTES = 200_000
DESK, PHONE = {"width": 1200, "height": 760}, {"width": 390, "height": 844}


def take(site: Site, browser: Any, folder: Path) -> list[Path]:
    """Both pictures of a demo that is served."""
    desk = browser.new_page(viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai")
    desk.goto(site.url("/demo/"))
    phone = browser.new_page(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    phone.goto(site.url(desk.get_attribute(".dm-cap a", "href") or ""))
    made = []
    for name, page in (("demo", desk), ("shop", phone)):
        made.append(folder / f"{name}.png")
        page.screenshot(path=made[-1])
    return made


def main(folder: Path) -> int:
    """Make them, and say how big they are; 1 where one is too big."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        database = Path(scratch) / "demo.sqlite3"
        play(database)
        browser = driver.chromium.launch(executable_path=find(), args=[*ARGUMENTS])
        with served(database, more={"HEGE_DEMO": "on", "HEGE_WORK": "apart"}) as site:
            made = take(site, browser, folder)
        browser.close()
    sizes = {path: path.stat().st_size for path in made}
    for path, size in sizes.items():
        sys.stdout.write(f"{os.path.relpath(path)}  {size:,} bytes\n")
    return int(max(sizes.values()) >= MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"))
