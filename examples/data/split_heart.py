"""Splits the UCI heart disease table by hospital: `split_heart.py HEART_DISEASE_UCI_CSV [OUTPUT_FOLDER]`.

Everything that is changed on the way from the source to the four files is in this file, and nowhere else:

1. The rows go to four files by `dataset`, in the order of the source. `dataset` then says nothing more and is left
   out, as is `id`: it numbers patients across all four hospitals, which no hospital could do, and no question needs it.
2. `TRUE` and `FALSE` become `true` and `false`; `oldpeak` always has one digit after the point.
3. A resting blood pressure or a cholesterol of 0 is how the source wrote "not measured"; it becomes a missing value.

Values are not changed otherwise. Needs nothing but Python.
"""

import csv
import os
import sys

from table import Column, report, write_csv, write_schemas

HOSPITALS = {
    "Cleveland": "cleveland",
    "Hungary": "budapest",
    "Switzerland": "zurich",
    "VA Long Beach": "long-beach",
}

# Bounds that four hospitals can agree on without looking at each other's patients.
COLUMNS = [
    Column("age", "integer", low=18, high=110),
    Column("sex", "text", values=["Female", "Male"]),
    Column("cp", "text", values=["asymptomatic", "atypical angina", "non-anginal", "typical angina"]),
    Column("trestbps", "integer", null=True, low=50, high=300),
    Column("chol", "integer", null=True, low=50, high=1000),
    Column("fbs", "boolean", null=True),
    Column("restecg", "text", null=True, values=["lv hypertrophy", "normal", "st-t abnormality"]),
    Column("thalch", "integer", null=True, low=40, high=250),
    Column("exang", "boolean", null=True),
    Column("oldpeak", "decimal", null=True, scale=1, low="-5.0", high="10.0"),
    Column("slope", "text", null=True, values=["downsloping", "flat", "upsloping"]),
    Column("ca", "integer", null=True, low=0, high=3),
    Column("thal", "text", null=True, values=["fixed defect", "normal", "reversable defect"]),
    Column("num", "integer", low=0, high=4),
]

ZERO_MEANS_MISSING = ("trestbps", "chol")
SOURCE_HEADER = "id,age,sex,dataset,cp,trestbps,chol,fbs,restecg,thalch,exang,oldpeak,slope,ca,thal,num".split(",")


def value(column, text):
    """One value of the source as what the column holds."""
    if text == "" or (text == "0" and column.name in ZERO_MEANS_MISSING):
        return None
    if column.kind == "boolean":
        return {"TRUE": True, "FALSE": False}[text]
    return text


def main():
    source = sys.argv[1]
    folder = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "heart")
    with open(source, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if reader.fieldnames != SOURCE_HEADER:
            raise SystemExit(f"{source}: expected the columns {SOURCE_HEADER}, found {reader.fieldnames}")
        patients = list(reader)
    unknown = {patient["dataset"] for patient in patients} - set(HOSPITALS)
    if unknown:
        raise SystemExit(f"{source}: unknown hospitals {sorted(unknown)}")

    os.makedirs(folder, exist_ok=True)
    for label, name in HOSPITALS.items():
        path = os.path.join(folder, name + ".csv")
        rows = (
            tuple(value(column, patient[column.name]) for column in COLUMNS)
            for patient in patients
            if patient["dataset"] == label
        )
        report(path, write_csv(path, COLUMNS, rows))
    write_schemas(os.path.join(folder, "columns.toml"), [(name, COLUMNS) for name in HOSPITALS.values()])


if __name__ == "__main__":
    main()
