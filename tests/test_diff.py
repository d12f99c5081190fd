"""The keyed diff: what it finds, that equal sides have none, and that its changes lead from one side to the other."""

import json
import shutil
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.fiction import NOTICE
from pipeline.release.changes import Change, compare, joined
from pipeline.release.kinds import Kind
from pipeline.release.snapshots import Published, Row, Snapshot, SnapshotError, canonical, of_data, of_release, of_zip
from pipeline.tables import table_of
from tests.conftest import FIXTURES
from tests.editing import append_row, delete_row, set_cell

TARGETS = "programmes/shili-2030/targets.csv"
INDICATORS = "programmes/shili-2030/indicators.csv"
CITATIONS = "programmes/shili-2030/citations.csv"


def published(name: str, schema: Mapping[str, Any], rows: Sequence[Row]) -> Published:
    return Published(name, table_of(schema, name, f"{name}.csv", canonical=False), tuple(rows))


def side(*tables: Published, version: str = "1.0.0") -> Snapshot:
    return Snapshot(version, "p", version, {table.name: table for table in tables})


def schema(*names: str, key: Sequence[str] = ("id",), **more: Any) -> dict[str, Any]:
    fields = [{"name": name, "type": "string", **more.get(name, {})} for name in names]
    return {"fields": fields, "primaryKey": list(key)}


def found(before: Snapshot, after: Snapshot) -> list[tuple[str, ...]]:
    return [(c.table, c.change, c.key, c.column, c.before, c.after) for c in compare(before, after)]


def one(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Changes of the schema of an empty table, without the table’s name."""
    return [change[1:] for change in found(side(published("t", before, ())), side(published("t", after, ())))]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (schema("id", "a"), schema("id"), ("column removed", "", "a", "2", "")),
        (schema("id"), schema("id", "a"), ("column added", "", "a", "", "2")),
        (schema("id", "a", "b", "c"), schema("id", "b", "c", "a"), ("column moved", "", "a", "2", "4")),
        (schema("id", "a"), schema("id", "a", a={"type": "integer"}), ("column retyped", "", "a", "string", "integer")),
        (
            schema("id", "a", a={"type": "date"}),
            schema("id", "a", a={"type": "date", "format": "%Y"}),
            ("column retyped", "", "a", "date", "date (%Y)"),
        ),
        (schema("id", "a"), schema("id", "a", key=("id", "a")), ("key changed", "", "", "id", "id, a")),
        (
            schema("id", "a"),
            schema("id", "a", a={"constraints": {"required": True}}),
            ("constraint tightened", "", "a", "required", "required true"),
        ),
        (
            schema("id", "a", a={"type": "number", "constraints": {"minimum": 9}}),
            schema("id", "a", a={"type": "number", "constraints": {"minimum": 10}}),
            ("constraint tightened", "", "a", "minimum 9", "minimum 10"),
        ),
        (
            schema("id", "a", a={"type": "number", "constraints": {"maximum": 9}}),
            schema("id", "a", a={"type": "number", "constraints": {"maximum": 10}}),
            ("constraint loosened", "", "a", "maximum 9", "maximum 10"),
        ),
        (
            schema("id", "a", a={"constraints": {"enum": ["x"]}}),
            schema("id", "a", a={"constraints": {"enum": ["x", "y"]}}),
            ("constraint loosened", "", "a", "enum x", "enum x, y"),
        ),
        (
            schema("id", "a", a={"constraints": {"enum": ["x", "z"]}}),
            schema("id", "a", a={"constraints": {"enum": ["x", "y"]}}),
            ("constraint tightened", "", "a", "enum x, z", "enum x, y"),
        ),
        (
            schema("id", "a", a={"constraints": {"pattern": "x"}}),
            schema("id", "a"),
            ("constraint loosened", "", "a", "pattern x", "pattern"),
        ),
        (
            schema("id"),
            {**schema("id"), "uniqueKeys": [["id"]]},
            ("constraint tightened", "", "id", "", "unique"),
        ),
        (
            schema("id", "a"),
            {**schema("id", "a"), "foreignKeys": [{"fields": ["a"], "reference": {"fields": ["id"]}}]},
            ("reference changed", "", "a", "", "t(id)"),
        ),
        (
            schema("id", "a"),
            schema("id", "a", a={"title": "A"}),
            ("description changed", "", "a", "a | a", "A | A"),
        ),
    ],
)
def test_a_change_of_a_schema_is_found(before: dict[str, Any], after: dict[str, Any], change: tuple[str, ...]) -> None:
    assert change in one(before, after)


def test_rows_are_matched_by_key_and_compared_cell_by_cell() -> None:
    old = side(published("t", schema("id", "a"), [("1", "x"), ("2", "y"), ("3", "z")]))
    new = side(published("t", schema("id", "a"), [("4", "w"), ("2", "Y"), ("1", "x")]))
    assert found(old, new) == [
        ("t", "cell changed", "2", "a", "y", "Y"),
        ("t", "row removed", "3", "", '{"id":"3","a":"z"}', ""),
        ("t", "row added", "4", "", "", '{"id":"4","a":"w"}'),
    ]


def test_a_row_that_others_referred_to_is_told_apart() -> None:
    reference = {"foreignKeys": [{"fields": ["of"], "reference": {"resource": "t", "fields": ["id"]}}]}
    children = published("u", {**schema("id", "of"), **reference}, [("u1", "1")])
    old = side(published("t", schema("id"), [("1",), ("2",)]), children)
    new = side(published("t", schema("id"), []), published("u", {**schema("id", "of"), **reference}, []))
    assert [(c.table, c.change, c.key) for c in compare(old, new)] == [
        ("t", "referred row removed", "1"),
        ("t", "row removed", "2"),
        ("u", "row removed", "u1"),
    ]


def test_a_repeated_key_is_refused() -> None:
    old = side(published("t", schema("id"), [("1",)]))
    new = side(published("t", schema("id"), [("1",), ("1",)]))
    with pytest.raises(SnapshotError, match="twice"):
        list(compare(old, new))
    with pytest.raises(SnapshotError, match="twice"):
        list(compare(new, old))


def test_a_slash_in_a_key_is_no_border_between_its_parts() -> None:
    assert len({joined(("a/b", "c")), joined(("a", "b/c")), joined(("a", "b", "c"))}) == 3


@pytest.mark.parametrize(
    ("kind", "cell", "wanted"),
    [
        ("number", "2.70", "2.7"),
        ("number", "100", "100"),
        ("number", "-0", "0"),
        ("number", "1e2", "100"),
        ("number", "1e999999999", "1e999999999"),
        ("number", "NaN", "NaN"),
        ("integer", "7", "7"),
        ("string", "2.70", "2.70"),
        ("number", "", ""),
    ],
)
def test_numbers_are_compared_as_numbers(kind: str, cell: str, wanted: str) -> None:
    assert canonical(kind, cell) == wanted


CELLS = st.text(alphabet='ab/\\1é中,"\n;', max_size=3)


@st.composite
def tables(draw: st.DrawFn) -> Published:
    """A table whose key is one of two column sets, with rows that are unique under it."""
    names = draw(st.permutations(["id", "k", "a", "b"]))
    names = [name for name in names if name in ("id", "k") or draw(st.booleans())]
    key = ("id", "k")
    rows = draw(st.dictionaries(st.tuples(CELLS, CELLS), st.tuples(CELLS, CELLS), max_size=6))
    made = []
    for (first, second), (a, b) in rows.items():
        cells = {"id": first, "k": second, "a": a, "b": b}
        made.append(tuple(cells[name] for name in names))
    return published("t", schema(*names, key=key), made)


@given(tables())
def test_a_side_does_not_differ_from_itself(table: Published) -> None:
    assert list(compare(side(table), side(table))) == []


@given(tables(), tables())
@settings(max_examples=300)
def test_the_changes_lead_from_the_older_side_to_the_newer(old: Published, new: Published) -> None:
    """Applied to A, the changes from A to B give B: all columns, and all cells but those of added columns."""
    names, rows = applied(old, list(compare(side(old), side(new))))
    assert names == list(new.schema.names)
    kept = [name for name in names if name in old.schema.names]
    both = {key for key in keyed(old) if key in keyed(new)}
    for key, cells in keyed(new).items():
        wanted = {name: cell for name, cell in cells.items() if name in kept} if key in both else cells
        assert {name: cell for name, cell in rows.pop(key).items() if key not in both or name in kept} == wanted
    assert rows == {}


def keyed(table: Published) -> dict[str, dict[str, str]]:
    found = [dict(zip(table.schema.names, row, strict=True)) for row in table.rows]
    return {joined([cells[name] for name in table.schema.primary_key]): cells for cells in found}


def applied(table: Published, changes: Sequence[Change]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Columns and rows of a table after the changes were made, by what changes.csv says and nothing else."""
    rows = keyed(table)
    names = list(table.schema.names)
    placed: dict[int, str] = {}
    for change in changes:
        if change.change in (Kind.COLUMN_REMOVED, Kind.COLUMN_MOVED):
            names.remove(change.column)
        if change.change in (Kind.COLUMN_ADDED, Kind.COLUMN_MOVED):
            placed[int(change.after)] = change.column
        if change.change == Kind.COLUMN_REMOVED:
            for cells in rows.values():
                del cells[change.column]
        if change.change in (Kind.ROW_REMOVED, Kind.REFERRED_REMOVED):
            del rows[change.key]
    for position in sorted(placed):
        names.insert(position - 1, placed[position])
    for change in changes:
        if change.change == Kind.ROW_ADDED:
            rows[change.key] = {**dict.fromkeys(names, ""), **json.loads(change.after)}
        if change.change == Kind.CELL_CHANGED:
            assert rows[change.key][change.column] == change.before
            rows[change.key][change.column] = change.after
    return names, rows


def rename_target(folder: Path, old: str, new: str) -> None:
    """Give a target of the fixture another identifier, wherever it stands, and say so in renames.csv."""
    for path in folder.glob("programmes/*/*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f"{old},", f"{new},"), encoding="utf-8", newline="\n")
    declared = folder / "renames.csv"
    if not declared.exists():
        declared.write_text("table,old_key,new_key,renamed_on,note\n", encoding="utf-8")
    append_row(folder, "renames.csv", {"table": "targets", "old_key": old, "new_key": new, "renamed_on": "2030-03-01"})


def test_a_declared_rename_is_one_change_and_what_refers_to_it_none(data_folder: Path) -> None:
    rename_target(data_folder, "shili-2030-t02-01", "shili-2030-t02-09")
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t02-09", "value", "31")
    changes = list(compare(of_data(FIXTURES / "shili"), of_data(data_folder)))
    assert [(c.table, c.change, c.key, c.column, c.before, c.after) for c in changes if "renames" not in c.table] == [
        ("curated-targets", "row renamed", "shili-2030-t02-09", "", "shili-2030-t02-01", "shili-2030-t02-09"),
        ("curated-targets", "cell changed", "shili-2030-t02-09", "value", "30", "31"),
    ]
    assert [c.change for c in changes if "renames" in c.table] == ["row added"]


def test_renames_one_after_the_other_are_followed(data_folder: Path) -> None:
    rename_target(data_folder, "shili-2030-t02-01", "shili-2030-t02-08")
    middle = Path(shutil.copytree(data_folder, data_folder.parent / "middle"))
    rename_target(data_folder, "shili-2030-t02-08", "shili-2030-t02-09")
    for older, was in ((FIXTURES / "shili", "01"), (middle, "08")):
        told = [c for c in compare(of_data(older), of_data(data_folder)) if c.table == "curated-targets"]
        assert [(c.change, c.before, c.after) for c in told] == [
            ("row renamed", f"shili-2030-t02-{was}", "shili-2030-t02-09")
        ]


def test_a_rename_that_did_not_happen_hides_nothing(data_folder: Path) -> None:
    """Where the old identifier is still there, or the new one is not, rows are added and removed as they are."""
    delete_row(data_folder, CITATIONS, "citation_id", "shili-2030-t02-05-c1")
    (data_folder / "renames.csv").write_text(
        "table,old_key,new_key,renamed_on,note\ncitations,shili-2030-t02-05-c1,shili-2030-nowhere,2030-03-01,\n"
        "targets,shili-2030-t01-01,shili-2030-t01-02,2030-03-01,\n",
        encoding="utf-8",
    )
    changes = list(compare(of_data(FIXTURES / "shili"), of_data(data_folder)))
    assert [(c.change, c.key) for c in changes if "renames" not in c.table] == [("row removed", "shili-2030-t02-05-c1")]


def small_release(folder: Path) -> Path:
    """A folder that looks like a release: one table, with the schema of its own time."""
    folder.mkdir()
    resource = {"name": "t", "path": "data/t.csv", "schema": schema("id", "a")}
    package = {"name": "p", "version": "1.0.0", "resources": [resource]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "t.csv").write_text("id,a\n1,x\n", encoding="utf-8")
    return folder


def zipped(target: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def members(folder: Path, root: str = "p-1.0.0/") -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {f"{root}{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


def test_a_folder_and_its_zip_are_the_same(tmp_path: Path) -> None:
    folder = small_release(tmp_path / "p")
    for root in ("p-1.0.0/", ""):
        archive = of_zip(zipped(tmp_path / "p.zip", members(folder, root)))
        assert list(compare(of_release(folder), archive)) == []
        assert list(archive.tables["t"].rows) == [("1", "x")]


@pytest.mark.parametrize(
    "path",
    ["../secret.csv", "/etc/hostname", "data\\..\\..\\secret.csv", "C:/secret.csv", "http://127.0.0.1/t.csv", ""],
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    folder = small_release(tmp_path / "p")
    descriptor = folder / "datapackage.json"
    (tmp_path / "secret.csv").write_text("id,a\n1,x\n", encoding="utf-8")
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    package["resources"][0]["path"] = path
    descriptor.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(SnapshotError):
        list(of_release(folder).tables["t"].rows)
    with pytest.raises(SnapshotError):
        list(of_zip(zipped(tmp_path / "p.zip", members(folder))).tables["t"].rows)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = small_release(tmp_path / "p")
    outside = tmp_path / "secret.csv"
    (folder / "data" / "t.csv").rename(outside)
    (folder / "data" / "t.csv").symlink_to(outside)
    with pytest.raises(SnapshotError, match="leads out"):
        list(of_release(folder).tables["t"].rows)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"resources": 1}',
        b'{"resources": [1]}',
        b'{"resources": [{"name": "t", "path": "data/t.csv", "schema": 1}]}',
        b'{"resources": [{"name": "t", "path": ["data/t.csv"], "schema": {"fields": [{"name": "id"}]}}]}',
        b'{"resources": [{"name": ["t"], "path": "data/t.csv", "schema": {"fields": [{"name": "id"}]}}]}',
        b'{"resources": [{"name": "t", "path": "t.csv", "encoding": "gbk", "schema": {"fields": [{"name": "id"}]}}]}',
        b'{"resources": [{"name": "t", "path": "data/t.csv", "schema": {"fields": [{"name": "id", "ms:labelsZh": 1,'
        b' "constraints": {"enum": ["x"]}}]}}]}',
    ],
)
def test_a_damaged_descriptor_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = small_release(tmp_path / "p")
    (folder / "datapackage.json").write_bytes(content)
    with pytest.raises(SnapshotError):
        of_release(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,b\n",
        b"id,a\n1\n",
        b"id,a\n1,2,3\n",
        b'id,a\n1,"x\n',
        b"id,a\n1,\xff\n",
        b"id,a\n1," + b"x" * (17 << 20),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = small_release(tmp_path / "p")
    (folder / "data" / "t.csv").write_bytes(content)
    with pytest.raises(SnapshotError):
        list(of_release(folder).tables["t"].rows)


def test_a_row_that_never_ends_is_read_no_further(tmp_path: Path) -> None:
    """Hundreds of lines in one quoted cell, of a zip that is small."""
    folder = small_release(tmp_path / "p")
    made = members(folder)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("p-1.0.0/datapackage.json", made["p-1.0.0/datapackage.json"])
        with archive.open("p-1.0.0/data/t.csv", "w", force_zip64=True) as file:
            file.write(b'id,a\n1,"')
            for _ in range(256):
                file.write(b"x" * (1 << 20) + b"\n")
    with pytest.raises(SnapshotError, match="too long"):
        list(of_zip(bomb).tables["t"].rows)


def test_damaged_zips_are_refused(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "p.zip", members(small_release(tmp_path / "p"))).read_bytes()
    for number, content in enumerate((b"", b"PK", whole[: len(whole) // 2], whole.replace(b"id,a", b"id,b"))):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(SnapshotError):
            list(of_zip(path).tables["t"].rows)
    local = whole.index(struct.pack("<I", 0x04034B50)) + 6
    central = whole.index(struct.pack("<I", 0x02014B50)) + 8
    locked = bytearray(whole)
    locked[local] |= 1
    locked[central] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(SnapshotError):
        list(of_zip(tmp_path / "locked.zip").tables["t"].rows)
    with pytest.raises(SnapshotError, match="one datapackage"):
        of_zip(zipped(tmp_path / "none.zip", {"readme": b""}))


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_changed_for_people_and_programs(data_folder: Path) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-02", "value", "8100")
    set_cell(data_folder, INDICATORS, "indicator_id", "shili-2030-i01-02", "name_en", "<b>Graduates</b>\u202e")
    code, text, _ = run("diff", FIXTURES / "shili", data_folder, "--lang", "en")
    assert code == 0
    assert "cell changed × 2" in text
    assert "level of the changes: patch; the new version is at least 0.1.1" in text
    assert "~ shili-2030-t01-02  value: 8000 → 8100" in text
    assert "only the curated tables" in text
    content = json.loads(run("diff", FIXTURES / "shili", data_folder, "--format", "json", "--lang", "en")[1])
    assert content["counts"] == {"cell changed": 2}
    assert (content["required"]["level"], content["required"]["version"]) == ("patch", "0.1.1")
    assert content["required"]["allowed"] is False
    assert [change["after"] for change in content["changes"]] == ["<b>Graduates</b>\u202e", "8100"]
    html = run("diff", FIXTURES / "shili", data_folder, "--format", "html", "--lang", "zh")[1]
    assert "&lt;b&gt;Graduates&lt;/b&gt;\\u202e" in html
    assert "改动单元格" in html
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_the_command_refuses_what_is_not_there(data_folder: Path, tmp_path: Path) -> None:
    assert run("diff", data_folder, data_folder, "--lang", "en")[:2] == (
        0,
        f"{data_folder} (shili 0.1.0) → {data_folder} (shili 0.1.0)\n{NOTICE.en}\nno differences\n"
        "one side is a data folder: only the curated tables are compared; what changes in the marts counts when it is "
        "released, and may ask for a higher version\n",
    )
    code, _, error = run("diff", tmp_path / "nowhere", data_folder, "--lang", "zh")
    assert (code, "没有" in error) == (2, True)
    code, _, error = run("diff", "latest", data_folder, "--store", tmp_path / "store", "--lang", "en")
    assert (code, "holds no version latest" in error) == (2, True)
    (data_folder / "sources.csv").unlink()
    code, _, error = run("diff", FIXTURES / "shili", data_folder, "--lang", "en")
    assert (code, "run minsheng validate first" in error) == (2, True)
