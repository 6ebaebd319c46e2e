"""What a server says of itself at `/metrics`, and what names of it stand in an expression."""

import re

SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')
SELECTOR = re.compile(r"\b((?:sluice|websocket)_[a-z_]+)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)")
OVER_TIME = re.compile(r"\b(?:rate|increase)\s*\(\s*([a-z_]+)")
# Prometheus gives them to every figure.
GIVEN = {"job", "instance"}


class Figures:
    """Names with their types, and the labels of each with the values seen."""

    def __init__(self, texts):
        self.types = {}
        self.labels = {}
        for line in (line for text in texts for line in text.splitlines()):
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif not line.startswith("#"):
                self.take(SAMPLE.match(line))

    def take(self, sample):
        labels = self.labels.setdefault(sample[1], {})
        for name, value in LABEL.findall(sample[2] or ""):
            labels.setdefault(name, set()).add(value)

    def kind(self, name):
        """`counter` for the parts of a histogram, too, because they only grow; nil for what there is not."""
        if name in self.types and name in self.labels:
            return self.types[name]
        for part in ("_bucket", "_sum", "_count"):
            if name.endswith(part) and self.types.get(name[: -len(part)]) == "histogram":
                return "counter"
        return None

    def complaints(self, expression):
        for name, matchers in SELECTOR.findall(expression):
            kind = self.kind(name)
            if kind is None:
                yield f"there is no {name}"
                continue
            for label, way, value in MATCHER.findall(matchers):
                yield from self.unfit(name, label, way, value)
            if kind == "counter" and name not in OVER_TIME.findall(expression):
                yield f"{name} only grows: what counts is its rate or increase"
        for name in OVER_TIME.findall(expression):
            if SELECTOR.match(name) and self.kind(name) not in ("counter", None):
                yield f"{name} is a {self.kind(name)}, and has no rate"
        known = GIVEN.union(*self.labels.values())
        for label in (label.strip() for group in GROUPING.findall(expression) for label in group.split(",")):
            if label not in known:
                yield f"nothing has a label {label}"

    def unfit(self, name, label, way, value):
        if label in GIVEN or value.startswith("$"):
            return
        values = self.labels[name].get(label)
        if values is None:
            yield f"{name} has no label {label}"
            return
        for word in value.split("|") if "~" in way else [value]:
            if not any(re.fullmatch(word, seen) for seen in values):
                yield f"no {name} has {label} {word}"
