"""What the pages are like in a browser: Lighthouse's scores, and frames while 100,000 rows scroll.

``python benchmarks/pages.py`` starts a server and a facade, fills them, and measures with the
system's Chromium. Lighthouse's packages are pinned in ``benchmarks/pages``.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from system import running

LIGHTHOUSE = Path(__file__).parent / "pages"
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
SCROLLED_MS = 5_000
# Scrolls as fast as a wheel is spun, far enough that rows must be read, and counts the frames.
SCROLL = """ms => new Promise(resolve => {
    const list = document.querySelector("[data-testid=client-list]");
    const began = performance.now();
    let [frames, last, slowest] = [0, began, 0];
    const step = now => {
        frames += 1;
        slowest = Math.max(slowest, now - last);
        last = now;
        list.scrollTop += 60;
        if (now - began < ms) requestAnimationFrame(step);
        else resolve([frames * 1000 / (now - began), slowest]);
    };
    requestAnimationFrame(step);
})"""


def scores(url: str, runs: int) -> dict[str, float]:
    """Give Lighthouse's scores of a page on a desktop, the medians of some runs."""
    found: dict[str, list[float]] = {category: [] for category in CATEGORIES}
    for _ in range(runs):
        command = [
            LIGHTHOUSE / "node_modules/.bin/lighthouse",
            url,
            "--preset=desktop",
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(FLAGS)}",
        ]
        told = subprocess.run(command, check=True, capture_output=True, env=_environment())
        report = json.loads(told.stdout)
        for category in CATEGORIES:
            found[category].append(100 * report["categories"][category]["score"])
    return {category: statistics.median(values) for category, values in found.items()}


def frames(browser: Browser, url: str) -> tuple[float, float]:
    """Give frames per second while the list scrolls, and the longest frame in milliseconds."""
    page = browser.new_page(viewport={"width": 1_440, "height": 900})
    page.goto(url)
    page.get_by_test_id("client-row").first.wait_for()
    rate, slowest_ms = page.evaluate(SCROLL, SCROLLED_MS)
    page.close()
    return rate, slowest_ms


def _chromium() -> str:
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    return next(found)


def _environment() -> dict[str, str]:
    return {**os.environ, "CHROME_PATH": _chromium()}


def main() -> None:
    """Measure, and print rows of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with running() as system:
        facade = system.start_facade("matriz")
        print(f"filling with {options.clients:,} clients …", file=sys.stderr)
        system.fill(options.clients)
        system.wait(lambda: system.in_step(facade), "in step")
        for path in ("/", "/latency", "/overview"):
            print(f"Lighthouse, {path} …", file=sys.stderr)
            told = ", ".join(
                f"{name} {score:.0f}" for name, score in scores(facade + path, options.runs).items()
            )
            print(f"| Lighthouse, desktop, {path} | {told} |", flush=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
            measured = [frames(browser, facade) for _ in range(options.runs)]
            browser.close()
        rate, slowest_ms = (statistics.median(values) for values in zip(*measured, strict=True))
        figure = f"scrolling {options.clients:,} rows"
        print(f"| {figure} | {rate:.0f} frames/s, longest {slowest_ms:.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
