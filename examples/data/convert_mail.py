"""Two blocklists as tables: `convert_mail.py DISPOSABLE_EMAIL_DOMAINS MAILCHECKER OUTPUT_FOLDER` (unpacked packages).

Each provider holds one column, `domain`, in the order of its own list. Nothing is changed. The second list stands
inside a JavaScript file: it is read as text, never executed. Needs nothing but Python.
"""

import json
import os
import sys

from table import Column, report, write_csv, write_schemas

DOMAIN = [Column("domain", "text")]
BEFORE, AFTER = "var blacklist        = new Set(", ");"


def list_in_javascript(path):
    """The JSON array between BEFORE and AFTER on the one line that begins so."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.startswith(BEFORE)]
    if len(lines) != 1 or not lines[0].endswith(AFTER):
        raise SystemExit(f"{path}: expected one line that begins {BEFORE!r} and ends {AFTER!r}, found {len(lines)}")
    return json.loads(lines[0][len(BEFORE) : -len(AFTER)])


def main():
    first, second, folder = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(first, "index.json"), encoding="utf-8") as file:
        lists = {"disposable-email-domains": json.load(file)}
    lists["mailchecker"] = list_in_javascript(os.path.join(second, "platform", "node", "index.js"))
    for name, domains in lists.items():
        if len(set(domains)) != len(domains):
            raise SystemExit(f"{name}: a domain stands in it twice, and a key may not")
        path = os.path.join(folder, name + ".csv")
        report(path, write_csv(path, DOMAIN, ((domain,) for domain in domains)))
    write_schemas(os.path.join(folder, "columns.toml"), [(name, DOMAIN) for name in lists])


if __name__ == "__main__":
    main()
