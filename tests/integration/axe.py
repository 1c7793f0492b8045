"""axe-core asks our pages what a screen reader and weak eyes would: WCAG 2.2, levels A and AA.

The pages stand side by side in frames as wide as a phone, in one chromium; its answer is JSON.
"""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from integration.browser import PHONE, lived

# The script stands last, so that the page is asked as it is and not as it was being read.
_ASK = """<script src="axe.min.js"></script><script>
const wide = [...document.body.querySelectorAll(":not([tabindex] *)")].filter(
    (one) => one.getBoundingClientRect().right > innerWidth + 1 && one.tagName !== "SCRIPT");
axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(
    (found) => parent.postMessage({page: %s, found, wide: wide.map((one) => one.outerHTML)}, "*"),
    (error) => parent.postMessage({page: %s, error: String(error)}, "*"));
</script></body>"""
# `<` would end the element early, or begin a tag in it.
_HEAR = """<!DOCTYPE html><script>
const answers = {};
addEventListener("message", ({data}) => {
    answers[data.page] = data.error || [...data.found.violations, ...data.found.incomplete].flatMap(
        (rule) => rule.nodes.map((node) => rule.id + ": " + node.html.slice(0, 200) + " " +
            [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; "))
    ).concat(data.wide.map((one) => "wider than the phone: " + one.slice(0, 200)));
    if (Object.keys(answers).length === %d)
        document.getElementById("answers").textContent = JSON.stringify(answers);
});
</script><pre id="answers"></pre>"""


def found(pages: Mapping[str, str], *, dark: bool = False) -> dict[str, list[str]]:
    """Return what axe finds in each page: what is wrong, and what it cannot judge.

    Also what is wider than the phone and cannot be scrolled by itself. Skipped where there is no
    chromium.
    """
    with tempfile.TemporaryDirectory(prefix="mh-") as scratch:
        script = files("axe_core_python").joinpath("axe.min.js").read_bytes()
        Path(scratch, "axe.min.js").write_bytes(script)
        frames = [_frame(name, page) for name, page in pages.items()]
        host = Path(scratch, "pages.html")
        host.write_text(_HEAR % len(pages) + "".join(frames), encoding="utf-8")
        told = re.search(r'<pre id="answers">(.+?)</pre>', lived(host, dark=dark), re.DOTALL)
    assert told is not None, "axe did not answer for every page"
    answers = json.loads(html.unescape(told[1]))
    assert all(isinstance(answer, list) for answer in answers.values()), answers
    return answers


def _frame(name: str, page: str) -> str:
    assert page.count("</body>") == 1
    asked = page.replace("</body>", _ASK % (json.dumps(name), json.dumps(name)))
    size = f'width="{PHONE}" height="4000"'
    return f'<iframe title="page" {size} srcdoc="{html.escape(asked)}"></iframe>'
