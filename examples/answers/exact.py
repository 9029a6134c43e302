"""What all answers share: exact numbers, one rule of rounding, one form of a table.

Sums and counts are integers, means and variances are fractions; nothing here is ever a floating point number. A value
is rounded once, at the end, to the nearest decimal of the named number of digits, and to the even one where two are
equally near.
"""

import json
import os
from fractions import Fraction

ROUNDING = "exact fraction, rounded once, to nearest, ties to even"
HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "data")


def decimal(numerator, denominator, digits):
    """numerator / denominator with `digits` digits after the point, as text; None where there is nothing to divide by."""
    if denominator == 0:
        return None
    units = round(Fraction(int(numerator) * 10**digits, int(denominator)))  # a Fraction rounds ties to even
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def cents(amount):
    """A whole number of cents as text with two digits."""
    return decimal(amount, 100, 2)


def in_order(keys):
    """For sorting: numbers by value, text by its UTF-8 bytes, false before true, missing last."""
    return [(key is None, key.encode() if isinstance(key, str) else key) for key in keys]


def table(question, columns, keys, rows, size=None, minimum=None):
    """An answer: rows in the order of their first `keys` columns. With `minimum`, a row whose column `size` is
    smaller is suppressed: it only leaves its keys and size, in a list that no recipient would see."""
    rows = sorted((list(row) for row in rows), key=lambda row: in_order(row[:keys]))
    suppressed = []
    if minimum is not None:
        at = columns.index(size)
        suppressed = [row[:keys] + [row[at]] for row in rows if row[at] < minimum]
        rows = [row for row in rows if row[at] >= minimum]
    answer = {"question": question, "rounding": ROUNDING, "columns": columns, "keys": keys, "rows": rows}
    if minimum is not None:
        answer["minimum_group_size"] = minimum
        answer["group_size"] = size
    answer["suppressed"] = len(suppressed)
    answer["suppressed_groups"] = suppressed
    return answer


def write(folder, name, answer):
    """Writes an answer as JSON, one row a line, so that a difference shows as the rows that differ."""
    parts = []
    for key, value in answer.items():
        text = json.dumps(value, ensure_ascii=False)
        if key in ("rows", "suppressed_groups") and value:
            text = "[\n" + ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in value) + "\n  ]"
        parts.append(f"  {json.dumps(key)}: {text}")
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8", newline="") as out:
        out.write("{\n" + ",\n".join(parts) + "\n}\n")
