"""Two mail providers: the answer to expect, by DuckDB from the packages as they were downloaded. `mail.py OUTPUT_FOLDER`"""

import hashlib
import os
import re
import sys

import duckdb

from exact import DATA, table, write

UNPACKED = os.path.join(DATA, "fetched", "unpacked")


def main():
    database = duckdb.connect()
    with open(os.path.join(UNPACKED, "disposable-email-domains", "package", "index.json"), encoding="utf-8") as file:
        database.execute("CREATE TABLE first AS SELECT unnest(CAST(? AS JSON)::VARCHAR[]) AS domain", [file.read()])
    with open(os.path.join(UNPACKED, "mailchecker", "package", "platform", "node", "index.js"), encoding="utf-8") as file:
        array = re.search(r"new Set\((\[[^\]]*\])\)", file.read()).group(1)
        database.execute("CREATE TABLE second AS SELECT unnest(CAST(? AS JSON)::VARCHAR[]) AS domain", [array])
    counts = [database.execute(f"SELECT count(DISTINCT domain) FROM {name}").fetchone()[0] for name in ("first", "second")]
    shared = database.execute("SELECT domain FROM first INTERSECT SELECT domain FROM second").fetchall()
    in_order = b"".join(domain + b"\n" for domain in sorted(domain.encode() for (domain,) in shared))
    answer = table(
        "How many domains do both lists hold, and which", ["first", "second", "overlap"], 0, [[*counts, len(shared)]]
    )
    answer["list"] = "the shared domains in the order of their UTF-8 bytes, each followed by one line feed, no header"
    answer["list_sha256"] = hashlib.sha256(in_order).hexdigest()
    write(sys.argv[1], "mail-overlap", answer)


if __name__ == "__main__":
    main()
