"""Verdicts of validators that others wrote, as JSON: run by the environment of requirements/validators.txt.

    python tests/strangers.py NAME PATH…

prints {"valid": bool, "says": …} for one of the functions below. It is a program of its own, because these validators
need packages that the project's environment cannot hold together.
"""

import json
import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Verdict = dict[str, Any]


def csvw(metadata: str) -> Verdict:
    """csvw, strict: metadata, every cell, primary and foreign keys."""
    from csvw import CSVW

    try:
        found = CSVW(metadata, validate=True)
        return {"valid": found.is_valid, "says": [str(warning.message) for warning in found.warnings]}
    except ValueError as error:
        return {"valid": False, "says": str(error)}


def croissant(document: str) -> Verdict:
    """mlcroissant: the document, and the number of records that each record set gives."""
    import mlcroissant

    try:
        dataset = mlcroissant.Dataset(jsonld=document)
        found = {each.uuid: sum(1 for _ in dataset.records(each.uuid)) for each in dataset.metadata.record_sets}
        return {"valid": True, "says": found}
    except (mlcroissant.ValidationError, ValueError, RuntimeError) as error:
        return {"valid": False, "says": str(error)}


def shacl(document: str, shapes: str) -> Verdict:
    """pyshacl: results by path of the property; warnings count."""
    from pyshacl import validate
    from rdflib import SH, Graph

    data = Graph().parse(document, format="json-ld")
    valid, results, _ = validate(data, shacl_graph=Graph().parse(shapes, format="turtle"))
    paths = sorted({str(path) for path in results.objects(None, SH.resultPath)})
    return {"valid": valid, "says": paths}


def datacite(document: str) -> Verdict:
    """The JSON Schema of DataCite 4.5, and the XML that its library makes."""
    from datacite import schema45

    content = json.loads(Path(document).read_text(encoding="utf-8"))
    faults = [error.message for error in schema45.validator.iter_errors(content)]
    return {"valid": not faults and "<titles>" in schema45.tostring(content), "says": faults}


def cff(document: str) -> Verdict:
    """cffconvert: the JSON Schema of CFF 1.2.0."""
    from cffconvert import Citation

    try:
        Citation(Path(document).read_text(encoding="utf-8")).validate()
    except Exception as error:  # noqa: BLE001 - its schema and its parser have faults of their own kinds
        return {"valid": False, "says": str(error)[:300]}
    return {"valid": True, "says": ""}


def workbook(path: str) -> Verdict:
    """openpyxl: per sheet its rows below the header, its frozen place, the cells that are formulas."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheets = {
        sheet.title: {
            "frozen": sheet.freeze_panes,
            "rows": [
                ["" if cell is None else str(cell) for cell in row]
                for row in sheet.iter_rows(min_row=2, values_only=True)
            ],
            "formulas": [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"],
        }
        for sheet in book
    }
    return {"valid": True, "says": sheets}


VALIDATORS: dict[str, Callable[..., Verdict]] = {
    "csvw": csvw,
    "croissant": croissant,
    "shacl": shacl,
    "datacite": datacite,
    "cff": cff,
    "workbook": workbook,
}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    name, *paths = sys.argv[1:]
    print(json.dumps(VALIDATORS[name](*paths), ensure_ascii=False))
