"""A mail as its reader sees it: chromium without a window, light or dark, wide or on a phone."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from integration.loopback import absent

DESKTOP = 720
PHONE = 390
NAMES = ("chromium", "chromium-browser", "google-chrome")


def screenshot(
    html: str | Path, png: Path, *, width: int = DESKTOP, height: int = 1100, dark: bool = False
) -> Path:
    """Draw a page (text or file) into a PNG file and return its path."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        absent("chromium is not installed (apt-get install chromium fonts-dejavu-core)")
    with tempfile.TemporaryDirectory(prefix="mh-", ignore_cleanup_errors=True) as scratch:
        page = html
        if isinstance(page, str):
            page = Path(scratch, "view.html")
            page.write_text(html, encoding="utf-8")
        done = subprocess.run(
            [
                *[browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"],
                *["--disable-background-networking", "--disable-component-update"],
                *["--no-first-run", "--disable-default-apps", "--hide-scrollbars"],
                *["--disable-dev-shm-usage", f"--user-data-dir={scratch}/profile"],
                *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                *[f"--window-size={width},{height}", f"--screenshot={png}"],
                page.resolve().as_uri(),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
        )
    if not png.exists():
        message = f"chromium drew nothing ({done.returncode}):\n{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return png
