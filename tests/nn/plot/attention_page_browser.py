"""Looks at the pages of attention_page_browser.cpp in Chromium, as a user would: points, clicks, types, and reads what
stands there. Drives it through chromedriver (the WebDriver protocol, with the standard library alone).

    python3 attention_page_browser.py FOLDER [--screenshots DIR]

Exit code 1, with a line for each, when something is not as it must be.
"""

import argparse
import base64
import contextlib
import json
import math
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls a reference to an element


class Browser:
    """One headless Chromium."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.call("GET", "/status")["ready"]:
                    break
            time.sleep(0.1)
        arguments = ["--headless=new", "--window-size=1280,1000", "--hide-scrollbars", "--force-device-scale-factor=1"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # which Chromium has no use of as root
        capabilities = {"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        self.address += "/session/" + self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]

    def close(self):
        with contextlib.suppress(OSError):
            self.call("DELETE", "")
        self.driver.terminate()
        self.driver.wait()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def cdp(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path, state=""):
        self.call("POST", "/url", {"url": "about:blank"})
        self.call("POST", "/url", {"url": path.resolve().as_uri() + ("#" + state if state else "")})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)[ELEMENT]}/click", {})

    def keys(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)[ELEMENT]}/value", {"text": text})

    def point(self, selector, x=None, y=None, press=False):
        """Moves the pointer to the middle of an element, or to (x, y) from its upper left corner."""
        box = self.run(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'nearest', inline: 'nearest'});"
            "const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]",
            selector,
        )
        at = {"x": round(box[0] + (box[2] / 2 if x is None else x)), "y": round(box[1] + (box[3] / 2 if y is None else y))}
        actions = [{"type": "pointerMove", "duration": 0, "origin": "viewport", **at}]
        if press:
            actions += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": actions}]})

    def scheme(self, name):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def log(self):
        return [line["message"] for line in self.call("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path):
        size = self.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))


class Checks:
    def __init__(self):
        self.count, self.failures = 0, []

    def same(self, what, got, wanted):
        self.count += 1
        if got != wanted:
            self.failures.append(f"{what}: {got!r}, expected {wanted!r}")

    def true(self, what, holds):
        self.same(what, bool(holds), True)


def written(weight):
    """As the page writes it."""
    if isinstance(weight, str):
        return {"nan": "NaN", "-nan": "NaN", "inf": "∞", "-inf": "-∞"}[weight]
    if weight == 0 or abs(weight) >= 0.00005:
        return f"{weight:.4f}"
    digits, exponent = f"{weight:.1e}".split("e")
    return f"{digits}e{int(exponent):+d}"


def at(page, index, head, query, key):
    shown = page["maps"][index]
    rows, columns = len(shown["queries"]), len(shown["keys"])
    return shown["weights"][(head * rows + query) * columns + key]


def row_of(page, index, head, query):
    """The eight largest of a row, as (token, number)."""
    keys = page["maps"][index]["keys"]
    row = [(token, at(page, index, head, query, k)) for k, token in enumerate(keys)]
    row.sort(key=lambda pair: -(math.inf if isinstance(pair[1], str) else pair[1]))
    return [(token, written(weight)) for token, weight in row[:8]]


def listed(browser):
    return list(zip(browser.texts("#list li .token"), browser.texts("#list li .number")))


def check_transformer(browser, check, folder):
    page = json.loads((folder / "transformer.json").read_text())
    browser.open(folder / "transformer.html")
    check.same("title", browser.text("h1"), page["title"])
    check.same("groups", browser.run("return [...document.querySelectorAll('#layer optgroup')].map(g => g.label)"),
               ["encoder", "decoder", "cross"])
    layers = list(dict.fromkeys(shown["layer"] for shown in page["maps"]))
    check.same("layers", sorted(browser.texts("#layer option")), sorted(layers))
    check.same("queries", browser.texts("#queries .token"), page["maps"][0]["queries"])
    check.same("heads in the overview", len(browser.texts(".head")), 4 * len(layers))
    check.same("a page without a kept row", browser.texts("#list li"), [])

    browser.point("#query-2")
    check.same("row of a token pointed at", listed(browser), row_of(page, 0, 0, 2))
    browser.point("h1")
    check.same("the pointer has left", browser.texts("#list li"), [])
    browser.point("#query-2", press=True)
    browser.point("h1")
    check.same("a token clicked stays", listed(browser), row_of(page, 0, 0, 2))
    check.same("its row is selected", browser.run("return document.querySelector('#query-2').ariaSelected"), "true")

    cell = browser.run("return document.querySelector('#query-0').getBoundingClientRect().height")
    browser.point("#drawing", 3.5 * cell, 1.5 * cell)
    value = browser.text("#cell")
    check.true(f"cell pointed at: {value}", value.endswith(": " + written(at(page, 0, 0, 1, 3))))
    check.true("both of its tokens", all(page["maps"][0][side][i] in value for side, i in (("queries", 1), ("keys", 3))))

    browser.click(".row:nth-child(4) .head:nth-of-type(3)")  # layer 3 of the overview, head 2
    where = browser.run("return Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")
    check.same("head chosen in the overview", (where["layer"], where["head"]), ("3", "2"))
    index = next(i for i, shown in enumerate(page["maps"]) if shown["layer"] == layers[3])
    check.same("the row follows", listed(browser), row_of(page, index, 2, 2))
    check.same("its button is pressed", browser.run("return document.querySelector('.head[aria-pressed=true]').ariaLabel"),
               f"{layers[3]}, head 2")

    browser.run("const s = document.querySelector('#step'); s.value = 1; s.dispatchEvent(new Event('input'))")
    second = next(i for i, shown in enumerate(page["maps"]) if shown["layer"] == layers[3] and shown["step"] == "second")
    check.same("step", browser.text("#step-name"), "second")
    check.same("the row of the second step", listed(browser), row_of(page, second, 2, 2))

    browser.click("input[value=lines]")
    check.same("keys stand right", browser.texts("#side .token"), page["maps"][second]["keys"])
    browser.point("#side .token:nth-child(2)")
    check.true("the kept row stays the reading where a key is pointed at", "looks at" in browser.text("#reading-title"))
    browser.click("input[value=matrix]")

    # By keys alone.
    browser.open(folder / "transformer.html", "layer=1&head=3")
    index = next(i for i, shown in enumerate(page["maps"]) if shown["layer"] == layers[1])
    browser.keys("#queries", "\ue015\ue015")  # arrow down, twice
    check.same("arrows choose a row", listed(browser), row_of(page, index, 3, 1))
    browser.keys("#queries", "\ue010")  # end
    check.same("End", listed(browser), row_of(page, index, 3, len(page["maps"][index]["queries"]) - 1))
    browser.keys("#queries", "[")
    check.same("[ is the head before", browser.run("return document.querySelector('#head').value"), "2")
    browser.keys("#queries", "]]")
    check.same("] is the next, around", browser.run("return document.querySelector('#head').value"), "0")
    browser.keys("#queries", "v")
    check.same("v changes the view", browser.run("return document.querySelector('[name=view]:checked').value"), "lines")
    browser.keys("#queries", "\ue00c")  # escape
    check.same("Escape keeps none", browser.texts("#list li"), [])

    # An address that means nothing shows the first map; one that means something shows that.
    browser.open(folder / "transformer.html", "layer=99&head=-1&step=x&view=%3Cb%3E&query=1e9&scale=7")
    check.same("nonsense", browser.run("return location.hash"), "#layer=0&step=1&head=0&view=matrix&scale=largest&query=-1")
    browser.open(folder / "transformer.html", "layer=0&head=mean&query=0")
    means = [sum(at(page, 0, head, 0, k) for head in range(4)) / 4 for k in range(len(page["maps"][0]["keys"]))]
    check.same("mean of all heads", browser.texts("#list li .number"), [written(w) for w in sorted(means, reverse=True)[:8]])


def check_colours(browser, check, folder):
    """A weight's colour is what its number says, in light and dark, and follows while the page is open."""
    page = json.loads((folder / "hostile.json").read_text())  # of whose second head every number is finite
    size = len(page["maps"][0]["keys"])
    rows = [[at(page, 0, 1, q, k) for k in range(size)] for q in range(size)]
    largest = max(map(max, rows))
    ramps = {
        "light": ((242, 245, 249), (92, 154, 206), (8, 40, 92)),
        "dark": ((32, 38, 47), (52, 112, 176), (196, 228, 255)),
    }
    browser.scheme("light")
    browser.open(folder / "hostile.html", "head=1")
    for scheme, background in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 28)")):
        browser.scheme(scheme)
        check.same(f"{scheme} page", browser.run("return getComputedStyle(document.body).backgroundColor"), background)
        low, middle, high = ramps[scheme]
        for _ in range(50):  # the page is told of the other scheme in the course of a frame
            got = browser.run(
                "const c = document.querySelector('#drawing'), n = arguments[0], g = c.getContext('2d'), list = [];"
                "for (let q = 0; q < n; ++q) for (let k = 0; k < n; ++k) list.push([...g.getImageData("
                "(k + 0.5) * c.width / n, (q + 0.5) * c.height / n, 1, 1).data].slice(0, 3)); return list",
                size,
            )
            wrong = []
            for index, weight in enumerate(w for row in rows for w in row):
                x = weight / largest
                a, b, t = (low, middle, 2 * x) if x < 0.5 else (middle, high, 2 * x - 1)
                wanted = [c + (d - c) * t for c, d in zip(a, b)]
                if any(abs(c - d) > 2 for c, d in zip(got[index], wanted)):
                    wrong.append((index, weight, got[index], wanted))
            if not wrong:
                break
            time.sleep(0.1)
        check.same(f"{scheme} colours that are wrong", wrong[:3], [])
        check.true(f"{scheme} colours of the whole scale", sum(w > 0.5 * largest for row in rows for w in row) > 3)
    browser.scheme("light")


def check_hostile(browser, check, folder):
    page = json.loads((folder / "hostile.json").read_text())
    browser.open(folder / "hostile.html")
    tokens = page["maps"][0]["queries"]
    check.same("nothing ran", browser.run("return document.title"), "<b>Hostile</b>")
    check.same("heading", browser.text("h1"), "<b>Hostile</b>")
    check.same("tooltips are the tokens", browser.run("return [...document.querySelectorAll('#queries .token')].map(e => e.title)"), tokens)
    check.same("no element of a token's", browser.run("return document.querySelectorAll('img, s, b, i, script').length"), 2)
    allowed = {"class", "dir", "title", "data-query", "data-key", "id", "role", "style", "aria-selected"}
    names = set(browser.run("return [...document.querySelectorAll('.token')].flatMap(e => e.getAttributeNames())"))
    check.same("no attribute of a token's", names - allowed, set())
    shown = browser.texts("#queries .token")
    for i, token in enumerate(tokens):
        if token.isprintable() and 0 < len(token) < 200 and token != " ":
            check.same(f"text of token {i}", shown[i], token)
    check.true("control characters are shown, not done", "\x1b" not in "".join(shown) and "\u202e" not in "".join(shown))
    check.true("rows keep their height", browser.run(
        "const h = [...document.querySelectorAll('#queries .token')].map(e => e.getBoundingClientRect().height); return Math.max(...h) - Math.min(...h) < 0.5"))
    check.true("a word of 10,000 letters is cut", browser.run("return document.documentElement.scrollWidth <= innerWidth"))
    browser.point("#query-0", press=True)
    check.same("NaN and infinity are shown as such, first", {number for _, number in listed(browser)[:3]}, {"NaN", "∞", "-∞"})
    for view in ("lines", "matrix"):
        browser.click(f"input[value={view}]")
    check.same("still nothing ran", browser.run("return document.title"), "<b>Hostile</b>")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        browser, check = Browser(), Checks()
    except Exception as reason:
        print(f"browser.sh: the browser does not start: {reason}", file=sys.stderr)
        sys.exit(2)
    try:
        check_transformer(browser, check, arguments.folder)
        check_colours(browser, check, arguments.folder)
        check_hostile(browser, check, arguments.folder)
        browser.open(arguments.folder / "large.html", "head=5&query=40")
        check.same("a large page", len(listed(browser)), 8)
        check.same("what the browser complains of", [line for line in browser.log() if "getImageData" not in line], [])
        requests = browser.run("return performance.getEntriesByType('resource').length")
        check.same("requests to anywhere", requests, 0)
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
            for scheme in ("light", "dark"):
                browser.scheme(scheme)
                for name, state in (("transformer", "layer=2&head=1&query=3"), ("transformer", "layer=3&head=1&view=lines"),
                                    ("transformer", "layer=3&head=1&view=lines&query=4"), ("hostile", "query=0"),
                                    ("hostile", "view=lines"), ("large", "head=5&query=40"), ("large", "view=lines&query=20")):
                    browser.open(arguments.folder / f"{name}.html", state)
                    label = state.replace("&", "-").replace("=", "")
                    browser.screenshot(arguments.screenshots / f"{name}-{label}-{scheme}.png")
    finally:
        browser.close()
    for failure in check.failures:
        print("FAILED", failure)
    print(f"{check.count - len(check.failures)} of {check.count} checks hold")
    sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
    main()
