"""Writing what a party hands in: one CSV file and the contract's words for its columns.

What always holds: a file is UTF-8, has a header, comma and `"` as RFC 4180 has them, and ends each line in one line
feed. A missing value is empty. Booleans are `true` and `false`. A decimal has a fixed number of digits. Every value
was checked against its column here, so a file that this module wrote is one that the contract's schema accepts.
"""

import csv
import hashlib
import os
from decimal import Decimal


class Column:
    """One column as a contract describes it. `low` and `high` are agreed bounds, not what the data happens to span."""

    def __init__(self, name, kind, null=False, low=None, high=None, scale=None, values=None):
        self.name, self.kind, self.null = name, kind, null
        self.low, self.high, self.scale, self.values = low, high, scale, values
        if values is not None and values != sorted(values):
            raise ValueError(f"column {name}: a contract lists values in order")
        # Numbers are exact here: never a float.
        self.number = {"integer": int, "decimal": Decimal}.get(kind)
        if self.number is not None:
            self.least, self.most = self.number(low), self.number(high)

    def cell(self, value):
        """The text of one value (None is missing). Says what does not fit by raising ValueError."""
        if value is None:
            if not self.null:
                raise ValueError(f"column {self.name}: a missing value where none may be missing")
            return ""
        if self.kind == "text":
            if not value or (self.values is not None and value not in self.values):
                raise ValueError(f"column {self.name}: {value!r} is not one of {self.values}")
            return value
        if self.kind == "boolean":
            if not isinstance(value, bool):
                raise ValueError(f"column {self.name}: {value!r} is not a boolean")
            return "true" if value else "false"
        number = self.number(value)
        if not self.least <= number <= self.most:
            raise ValueError(f"column {self.name}: {value} lies outside {self.low} to {self.high}")
        if self.kind == "integer":
            return str(number)
        if number != round(number, self.scale):
            raise ValueError(f"column {self.name}: {value} has more than {self.scale} digits after the point")
        return f"{number:.{self.scale}f}"

    def toml(self):
        """The column as a `[[dataset.column]]` table."""
        lines = ["[[dataset.column]]", f'name = "{self.name}"', f'type = "{self.kind}"']
        if self.scale is not None:
            lines.append(f"scale = {self.scale}")
        for word, bound in (("min", self.low), ("max", self.high)):
            if bound is not None:
                lines.append(f'{word} = "{bound}"' if self.kind == "decimal" else f"{word} = {bound}")
        if self.values is not None:
            lines.append("values = [" + ", ".join(f'"{value}"' for value in self.values) + "]")
        lines.append(f"null = {'true' if self.null else 'false'}")
        return "\n".join(lines) + "\n"


def write_csv(path, columns, rows):
    """Writes rows (tuples in the order of `columns`), whole or not at all; returns how many."""
    count = 0
    partial = path + ".partial"
    with open(partial, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for count, row in enumerate(rows, start=1):
            try:
                if len(row) != len(columns):
                    raise ValueError(f"{len(row)} values for {len(columns)} columns")
                writer.writerow([column.cell(value) for column, value in zip(columns, row)])
            except ValueError as error:
                raise SystemExit(f"{os.path.basename(path)}, row {count}: {error}") from error
    os.replace(partial, path)
    return count


def write_schemas(path, schemas):
    """Writes `[[dataset]]` tables, ready to paste into a contract; `schemas` is a list of (dataset name, columns)."""
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write("# Written by the script beside the data; each dataset still needs its owner.\n")
        for name, columns in schemas:
            out.write(f'\n[[dataset]]\nname = "{name}"\n')
            for column in columns:
                out.write("\n" + column.toml())


def report(path, rows):
    """Prints one line about a file that was written."""
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    print(f"{digest}  {rows:>9,} rows  {os.path.basename(path)}")
