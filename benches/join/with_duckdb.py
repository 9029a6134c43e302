"""Answers the join with DuckDB: with_duckdb.py SALES CUSTOMERS THREADS prints the query's CPU seconds, user and system, and its rows."""

import resource
import sys

import duckdb

QUERY = """
SELECT c.segment, count(*), sum(s.amount) FROM sales s JOIN customers c ON s.customer = c.customer
GROUP BY c.segment ORDER BY c.segment
"""


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


sales, customers, threads = sys.argv[1:]
database = duckdb.connect(config={"threads": int(threads)})
database.execute("SET enable_progress_bar = false")
for name, path, columns in (
    ("sales", sales, {"customer": "BIGINT", "amount": "BIGINT"}),
    ("customers", customers, {"customer": "BIGINT", "segment": "BIGINT"}),
):
    # Columns and separator are told, as a contract tells them: nothing is guessed from the rows.
    read = f"read_csv('{path}', header=true, auto_detect=false, delim=',', columns={columns})"
    database.execute(f"CREATE VIEW {name} AS SELECT * FROM {read}")
before = used()
rows = database.execute(QUERY).fetchall()
print(used() - before)
print("segment,sales,amount")
for row in rows:
    print(*row, sep=",")
