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
    with tempfile.TemporaryDirectory(prefix="mh-", ignore_cleanup_errors=True) as scratch:
        page = html
        if isinstance(page, str):
            page = Path(scratch, "view.html")
            page.write_text(html, encoding="utf-8")
        done = chromium(page, f"--window-size={width},{height}", f"--screenshot={png}", dark=dark)
    if not png.exists():
        message = f"chromium drew nothing ({done.returncode}):\n{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return png


def lived(page: Path, *, dark: bool = False) -> str:
    """Return the document as it stands when its scripts have done their work."""
    # Time in the page runs as fast as its scripts; the budget is what they may wait for.
    return chromium(page, "--virtual-time-budget=60000", "--dump-dom", dark=dark).stdout


def chromium(page: Path, *does: str, dark: bool) -> subprocess.CompletedProcess[str]:
    """Open a page without a window and without a network; skipped where there is no chromium."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        absent("chromium is not installed (apt-get install chromium fonts-dejavu-core)")
    with tempfile.TemporaryDirectory(prefix="mh-", ignore_cleanup_errors=True) as profile:
        return subprocess.run(
            [
                *[browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"],
                *["--disable-background-networking", "--disable-component-update"],
                *["--no-first-run", "--disable-default-apps", "--hide-scrollbars"],
                *["--disable-dev-shm-usage", f"--user-data-dir={profile}"],
                *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                *[*does, page.resolve().as_uri()],
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
        )
