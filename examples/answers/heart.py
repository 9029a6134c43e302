"""Four hospitals: the answers to expect, by pandas from the committed tables. `heart.py OUTPUT_FOLDER`"""

import os
import sys

import pandas

from exact import DATA, decimal, table, write

MINIMUM = 10
MEASURES = ["trestbps", "chol", "thalch"]


def patients():
    """All four hospitals, every number an integer that may be missing; `oldpeak` in tenths."""
    frames = []
    for hospital in ("cleveland", "budapest", "zurich", "long-beach"):
        frame = pandas.read_csv(
            os.path.join(DATA, "heart", hospital + ".csv"), dtype="string", keep_default_na=False, na_values=[""]
        )
        frame["oldpeak"] = frame["oldpeak"].str.replace(".", "", regex=False)
        for column in ("age", "num", "oldpeak", *MEASURES):
            frame[column] = frame[column].astype("Int64")
        frames.append(frame)
    return pandas.concat(frames, ignore_index=True)


def by_age_and_sex(everyone):
    everyone = everyone.assign(age_band=everyone["age"] // 10 * 10)
    columns = ["age_band", "sex", "patients", "diseased", "prevalence_percent"]
    for measure in MEASURES:
        columns += [measure + "_known", measure + "_mean"]
    rows = []
    for (band, sex), group in everyone.groupby(["age_band", "sex"]):
        diseased = int((group["num"] > 0).sum())
        row = [int(band), sex, len(group), diseased, decimal(100 * diseased, len(group), 1)]
        for measure in MEASURES:
            known = int(group[measure].count())
            if len(group) >= MINIMUM > known:
                raise SystemExit(f"{band} {sex}: {measure} of {known} only; decide what happens to such a cell")
            row += [known, decimal(group[measure].sum(), known, 2)]
        rows.append(row)
    return table(
        "Of all patients of the four hospitals, by age (band 40 is 40 to 49) and sex: how many, how many with disease "
        "(num > 0), their share, and the means of three measures over the patients where they are known",
        columns, 2, rows, size="patients", minimum=MINIMUM,
    )  # fmt: skip


def statistics(everyone):
    rows = []
    for column, digits in (("age", 0), ("trestbps", 0), ("chol", 0), ("thalch", 0), ("oldpeak", 1)):
        values = sorted(int(value) for value in everyone[column].dropna())
        n, total, squares, unit = len(values), sum(values), sum(v * v for v in values), 10**digits
        # The least value x such that at least q * n values are <= x: rank ceil(q * n), in integers.
        quantiles = [decimal(values[-(-quarter * n // 4) - 1], unit, digits) for quarter in (1, 2, 3)]
        variance = decimal(n * squares - total * total, n * (n - 1) * unit * unit, 4)
        mean, sum_, least, most = (decimal(x, d * unit, e) for x, d, e in (
            (total, n, 4), (total, 1, digits), (values[0], 1, digits), (values[-1], 1, digits)))  # fmt: skip
        rows.append([column, n, sum_, mean, variance, least, *quantiles, most])
    return table(
        "Over all patients of the four hospitals where it is known: count, sum, mean, sample variance (divided by "
        "count - 1), smallest, lower quartile, median, upper quartile (each the least value x such that at least "
        "q * count values are <= x), largest",
        ["column", "count", "sum", "mean", "variance", "minimum", "q25", "q50", "q75", "maximum"], 1, rows,
    )  # fmt: skip


if __name__ == "__main__":
    everyone = patients()
    write(sys.argv[1], "heart-by-age-and-sex", by_age_and_sex(everyone))
    write(sys.argv[1], "heart-statistics", statistics(everyone))
