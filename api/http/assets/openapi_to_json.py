#!/usr/bin/env python3
"""Turns openapi.yaml into openapi.json and into a page that lists it in plain HTML.

usage: openapi_to_json.py openapi.yaml openapi.json plain.html
"""
import html
import json
import re
import sys

import yaml

METHODS = ("get", "post", "put", "delete")


def follow(document, node):
    """The node itself, or what its $ref points to."""
    if "$ref" not in node:
        return node
    target = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return target


def prose(text):
    """Text with its `code` marked."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(str(text)))


def table(head, rows):
    if not rows:
        return ""
    cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{prose(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{cells}</tr>{body}</table>\n"


def type_of(schema):
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else kind


def example_of(document, content):
    media = next(iter(content.values()), {})
    if "example" in media:
        return media["example"]
    for example in media.get("examples", {}).values():
        return follow(document, example).get("value")
    return None


def operation_html(document, path, method, operation):
    parts = [f"<h3>{method.upper()} {html.escape(path)}</h3>\n"]
    text = operation.get("description", operation.get("summary", ""))
    parts.append(f"<p>{prose(text)}</p>\n")
    if operation.get("security"):
        parts.append("<p>Needs the header <code>X-Admin-Key</code>.</p>\n")
    parameters = [follow(document, p) for p in operation.get("parameters", [])]
    parts.append(
        table(
            ("parameter", "in", "type", "meaning"),
            [
                (p["name"], p["in"], type_of(p.get("schema", {})), p.get("description", ""))
                for p in parameters
            ],
        )
    )
    if "requestBody" in operation:
        example = example_of(document, follow(document, operation["requestBody"])["content"])
        parts.append(f"<p>Body:</p><pre>{html.escape(json.dumps(example, indent=2))}</pre>\n")
    answers = [(status, follow(document, r)) for status, r in operation["responses"].items()]
    parts.append(
        table(("status", "meaning"), [(status, r.get("description", "")) for status, r in answers])
    )
    return "".join(parts)


def page(document):
    info = document["info"]
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(info['title'])}</title>\n"
        '<link rel="stylesheet" href="docs/plain.css">\n</head>\n<body>\n'
        f"<h1>{html.escape(info['title'])} {html.escape(info['version'])}</h1>\n"
        f"<p>{html.escape(info['description'])}</p>\n"
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>\n'
    ]
    for tag in document["tags"]:
        parts.append(f"<h2>{html.escape(tag['name'])}</h2>\n<p>{html.escape(tag['description'])}</p>\n")
        for path, item in document["paths"].items():
            for method in METHODS:
                if tag["name"] in item.get(method, {}).get("tags", []):
                    parts.append(operation_html(document, path, method, item[method]))
    parts.append("</body>\n</html>\n")
    return "".join(parts)


def main():
    source, json_path, html_path = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, separators=(",", ":"))
    with open(html_path, "w", encoding="utf-8") as file:
        file.write(page(document))


main()
