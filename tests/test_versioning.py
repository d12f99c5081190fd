"""The version a release must have: by kind of change, and through three releases with a rename and a withdrawal."""

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import warehouse
from pipeline.cli import app
from pipeline.dataset import Dataset
from pipeline.language import Text
from pipeline.release import changelog, publish
from pipeline.release.changes import Change, compare
from pipeline.release.folder_store import FolderStore
from pipeline.release.kinds import WORDS, Kind
from pipeline.release.publish import Outcomes, Released, release
from pipeline.release.snapshots import of_data, of_release
from pipeline.release.store import Entry, StoreError, Withdrawal, newest, sums_hold
from pipeline.release.versioning import LEVELS, Level, raised, required
from pipeline.release.withdrawing import withdraw
from pipeline.reports import stages
from pipeline.verifying import verify
from pipeline.worker import Worker
from tests.conftest import EPOCH, FIXTURES
from tests.doubles import OpenGate
from tests.editing import set_cell
from tests.test_diff import rename_target

SHILI = "programmes/shili-2030"
TARGETS = f"{SHILI}/targets.csv"


def change(kind: Kind, table: str = "t") -> Change:
    return Change(table, kind, "k", "", "", "")


def test_every_kind_has_a_level_and_words() -> None:
    assert set(LEVELS) == set(WORDS) == set(Kind)


@pytest.mark.parametrize(
    ("version", "level", "wanted"),
    [
        ("1.2.3", Level.MAJOR, "2.0.0"),
        ("1.2.3", Level.MINOR, "1.3.0"),
        ("1.2.3", Level.PATCH, "1.2.4"),
        ("1.2.3", Level.NONE, "1.2.4"),
        ("0.2.3", Level.MAJOR, "0.3.0"),
        ("0.2.3", Level.MINOR, "0.3.0"),
        ("0.2.3", Level.PATCH, "0.2.4"),
        ("", Level.MAJOR, ""),
    ],
)
def test_a_level_raises_its_part_of_the_number(version: str, level: Level, wanted: str) -> None:
    assert raised(version, level) == wanted


@pytest.mark.parametrize("kind", list(Kind))
def test_the_gravest_change_decides(kind: Kind) -> None:
    needed = required([change(Kind.CELL_CHANGED), change(kind), change(Kind.CELL_CHANGED)], "1.0.0", "1.0.0")
    assert needed.level is max(LEVELS[kind], Level.PATCH)
    assert [reason.level for reason in needed.reasons] == sorted((r.level for r in needed.reasons), reverse=True)
    assert sum(reason.count for reason in needed.reasons) == 3


def test_a_higher_version_is_allowed_and_a_lower_one_is_not() -> None:
    needed = required([change(Kind.ROW_ADDED)], "1.0.0", "1.0.0")
    assert [needed.allows(version) for version in ("1.0.1", "1.1.0", "1.10.0", "2.0.0")] == [False, True, True, True]
    assert required([change(Kind.TABLE_ADDED)], "", "").allows("0.0.1")


def test_a_number_counts_on_from_the_highest_version_published() -> None:
    """1.1.0 was withdrawn: what changed since 1.0.0 still needs a number above 1.1.0."""
    assert required([change(Kind.CELL_CHANGED)], "1.0.0", "1.1.0").version == "1.1.1"


@dataclass(frozen=True)
class Home:
    """A folder with data, a store, and what the runs came to."""

    folder: Path
    too_low: Released
    released: tuple[Released, ...]

    @property
    def store(self) -> Path:
        return self.folder / "releases"

    def path(self, version: str) -> Path:
        return self.store / f"shili-{version}"

    def changes(self, version: str) -> list[dict[str, str]]:
        with (self.path(version) / "changes.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def declare(folder: Path, version: str) -> None:
    toml = folder / "package.toml"
    lines = toml.read_text(encoding="utf-8").splitlines()
    kept = [f'version = "{version}"' if line.startswith("version") else line for line in lines]
    toml.write_text("\n".join(kept) + "\n", encoding="utf-8")


def run(home: Path) -> Released:
    return release(home / "data", home / "releases", home / "build", lambda step: None)


def correct_and_add(folder: Path) -> None:
    """A title is corrected, a unit of measure is registered."""
    set_cell(folder, f"{SHILI}/tasks.csv", "task_id", "shili-2030-03", "title_zh", "改善校园服务质量")
    path = folder / "reference" / "units.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.append("month,月,month,duration,month,1,1,mo,,false")
    path.write_text("\n".join([lines[0], *sorted(lines[1:])]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Three releases: 1.0.0; 1.1.0 with a correction and an addition; 2.0.0 with a rename, after 1.1.0 was withdrawn.

    The gate, which costs most of a release, is not asked: what it does is tested in test_gate.py.
    """
    folder = tmp_path_factory.mktemp("home")
    data = folder / "data"
    shutil.copytree(FIXTURES / "shili", data)
    shutil.copytree(FIXTURES / "texts", data / "sources")
    built: list[warehouse.Build] = []
    build = warehouse.build

    def once(rows: Dataset, target: Path, *, worker: Worker | None, **more: Any) -> warehouse.Build:
        """The third warehouse is built once: with another version number it would be the same."""
        if len(built) < 3:
            built.append(build(rows, target, worker=worker, **more))
        return built[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        patch.setattr(warehouse, "build", once)
        patch.setattr(publish, "Gatekeeper", OpenGate)
        declare(data, "1.0.0")
        first = run(folder)
        correct_and_add(data)
        declare(data, "1.1.0")
        second = run(folder)
        withdraw(folder / "releases", "1.1.0", Text("单位登记有误", "a unit was | registered wrongly"))
        rename_target(data, "shili-2030-t02-01", "shili-2030-t02-09")
        for name in ("targets", "links", "citations"):
            resort(data / SHILI / f"{name}.csv")
        verify(data)
        declare(data, "1.1.1")
        too_low = run(folder)
        declare(data, "2.0.0")
        yield Home(folder, too_low, (first, second, run(folder)))


def resort(path: Path) -> None:
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *sorted(lines)]) + "\n", encoding="utf-8")


def test_three_releases_are_made(home: Home) -> None:
    for released in home.released:
        assert released.outcome is Outcomes.RELEASED, (released.report, released.build, released.gate, released.referee)
    assert sums_hold(home.path("2.0.0"))


def test_a_correction_alone_would_be_a_patch(home: Home, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(FIXTURES / "shili", data)
    declare(data, "1.0.1")
    set_cell(data, TARGETS, "target_id", "shili-2030-t01-02", "value", "8100")
    found = list(compare(of_release(home.path("1.0.0")), of_data(data)))
    assert [(c.table, c.change, c.before, c.after) for c in found] == [
        ("curated-targets", "cell changed", "8000", "8100")
    ]
    assert required(found, "1.0.0", "1.0.0").version == "1.0.1"


def test_a_release_and_the_data_it_was_made_from_do_not_differ(home: Home) -> None:
    assert list(compare(of_release(home.path("2.0.0")), of_data(home.folder / "data"))) == []


def test_additions_are_minor(home: Home) -> None:
    found = home.changes("1.1.0")
    curated = {(c["table"], c["change"], c["key"]) for c in found if c["table"].startswith("curated-")}
    assert curated == {
        ("curated-tasks", "cell changed", "shili-2030-03"),
        ("curated-units", "row added", "month"),
    }
    needed = required(compare(of_release(home.path("1.0.0")), of_release(home.path("1.1.0"))), "1.0.0", "1.0.0")
    assert (needed.level, needed.version) == (Level.MINOR, "1.1.0")


def test_a_rename_is_major_and_a_lower_version_is_refused_with_the_reason(home: Home) -> None:
    result = home.too_low
    assert result.outcome is Outcomes.VERSION_TOO_LOW
    assert result.requirement is not None
    assert (result.requirement.level, result.requirement.version) == (Level.MAJOR, "2.0.0")
    for language, words in (("zh", "标识改名"), ("en", "row renamed")):
        said = stages.released(result, home.store, language)  # type: ignore[arg-type]
        assert 'version = "2.0.0"' in said
        assert words in said
        assert "shili-2030-t02-01 → shili-2030-t02-09" in said
        assert "1.0.0" in said  # compared with the newest version that is not withdrawn


def test_what_only_follows_a_rename_is_no_change(home: Home) -> None:
    """Marts too: their rows are those of the renamed target."""
    found = home.changes("2.0.0")
    renamed = [(c["table"], c["before"], c["after"]) for c in found if c["change"] == "row renamed"]
    assert ("curated-targets", "shili-2030-t02-01", "shili-2030-t02-09") in renamed
    assert ("targets", "shili-2030-t02-01", "shili-2030-t02-09") in renamed
    rest = [c for c in found if c["change"] != "row renamed" and "t02-0" in c["key"] + c["before"] + c["after"]]
    assert [(c["table"], c["change"]) for c in rest] == [("curated-renames", "row added")]


def test_the_change_log_of_a_release_has_an_entry_and_the_stewards_file_is_left_alone(home: Home) -> None:
    own = (home.folder / "data" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert own == (FIXTURES / "shili" / "CHANGELOG.md").read_text(encoding="utf-8")
    text = (home.path("1.1.0") / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = text.partition("## 1.1.0")[2].partition("\n## ")[0]
    assert "新增 / Added: 计量单位 units 1" in entry
    assert "更正 / Corrected: 任务 tasks 1" in entry
    assert "方案 / programmes: shili-2030" in entry
    assert "计量单位 / units of measure: month" in entry
    assert text.endswith(own.partition("## 0.1.0")[2])
    renamed = (home.path("2.0.0") / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = renamed.partition("## 2.0.0")[2].partition("\n## ")[0]
    assert "改名 / Renamed: 目标值 targets 1" in entry
    assert "时期 / periods: 2030\n" in entry
    assert "shili-2030-i02-01 开办社区食堂数" in entry
    first = (home.path("1.0.0") / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "首次发布 / First release" in first.partition("## 1.0.0")[2].partition("\n## ")[0]


def test_an_entry_that_the_steward_wrote_stays() -> None:
    assert changelog.has_entry("# x\n\n## 1.2.0\n", "1.2.0")
    assert changelog.has_entry("## [v1.2.0] (2030)\n", "1.2.0")
    assert not changelog.has_entry("## 11.2.0\n\n## 1.2.01\n\ntext 1.2.0", "1.2.0")
    assert not changelog.has_entry("## 1.2.0.1\n", "1.2.0")
    assert changelog.with_entry("# x\n\n## 1.0.0\n", "## 1.1.0\n") == "# x\n\n## 1.1.0\n\n## 1.0.0\n"
    assert changelog.with_entry("# x\n", "## 1.1.0\n") == "# x\n\n## 1.1.0\n"


def test_a_withdrawn_release_stays_and_readers_are_told(home: Home) -> None:
    assert sums_hold(home.path("1.1.0"))
    index = json.loads((home.store / "index.json").read_text(encoding="utf-8"))
    assert (index["name"], index["latest"]) == ("shili", "2.0.0")
    contract = {"version", "released_on", "path", "zip", "digest", "inputs"}
    assert [set(entry) - contract for entry in index["releases"]] == [set(), {"withdrawn"}, set()]
    assert all(contract <= set(entry) for entry in index["releases"])
    assert index["releases"][1]["withdrawn"] == {
        "withdrawn_on": "2030-01-01",
        "reason_zh": "单位登记有误",
        "reason_en": "a unit was | registered wrongly",
    }
    page = (home.path("2.0.0") / "README.md").read_text(encoding="utf-8")
    assert "| 1.1.0 | 2030-01-01 | 单位登记有误 | a unit was \\| registered wrongly |" in page
    assert "Withdrawn" not in (home.path("1.0.0") / "README.md").read_text(encoding="utf-8")
    descriptor = json.loads((home.path("2.0.0") / "datapackage.json").read_text(encoding="utf-8"))
    assert set(descriptor["ms:release"]) == contract


def entry(version: str) -> Entry:
    return Entry(version, "2030-01-01", f"p-{version}", f"p-{version}.zip", "sha256:0", "sha256:0")


def enter(store: FolderStore, version: str) -> None:
    index = store.index().entered(store.name, entry(version))
    store._write(index)
    store._point_latest(newest(index.entries))


def shelf(folder: Path, *versions: str) -> FolderStore:
    """A store whose releases are empty folders."""
    store = FolderStore(folder, "p")
    folder.mkdir(exist_ok=True)
    for version in versions:
        (folder / f"p-{version}").mkdir()
        enter(store, version)
    return store


def latest(folder: Path) -> tuple[str | None, str | None]:
    """What the index and the link say."""
    stated = json.loads((folder / "index.json").read_text(encoding="utf-8"))["latest"]
    link = folder / "latest"
    return stated, link.resolve().name if link.exists() else None


def test_latest_leads_to_the_newest_version_that_is_not_withdrawn(tmp_path: Path) -> None:
    store = shelf(tmp_path / "s", "1.9.0", "1.10.0")
    assert latest(store.folder) == ("1.10.0", "p-1.10.0")
    withdraw(store.folder, "1.10.0", Text("误", "wrong"))
    assert latest(store.folder) == ("1.9.0", "p-1.9.0")
    withdraw(store.folder, "1.9.0", Text("误", "wrong"))
    assert latest(store.folder) == (None, None)
    enter(store, "1.10.1")
    (store.folder / "p-1.10.1").mkdir()
    assert latest(store.folder) == ("1.10.1", "p-1.10.1")
    assert [bool(each.withdrawn) for each in store.entries()] == [True, True, False]


def test_what_cannot_be_withdrawn_is_refused(tmp_path: Path) -> None:
    store = shelf(tmp_path / "s", "1.0.0")
    with pytest.raises(StoreError, match=r"released: 1\.0\.0"):
        withdraw(store.folder, "1.0.1", Text("误", "wrong"))
    with pytest.raises(StoreError, match="in Chinese and in English"):
        withdraw(store.folder, "1.0.0", Text("误", " "))
    with pytest.raises(StoreError, match="holds no releases"):
        withdraw(tmp_path, "1.0.0", Text("误", "wrong"))
    withdraw(store.folder, "1.0.0", Text("误", "wrong"))
    before = (store.folder / "index.json").read_bytes()
    with pytest.raises(StoreError, match="withdrawn on"):
        withdraw(store.folder, "1.0.0", Text("再", "again"))
    assert (store.folder / "index.json").read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [{"path": "../x"}, {"zip": "/x.zip"}, {"version": "one"}, {"withdrawn": {}}, {"withdrawn": 1}, {"more": 1}],
)
def test_a_damaged_index_is_refused(tmp_path: Path, damage: dict[str, object]) -> None:
    store = shelf(tmp_path / "s", "1.0.0")
    index = store.folder / "index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    content["releases"][0] |= damage
    index.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StoreError, match="cannot read"):
        store.entries()


def test_the_messages_say_which_version_to_write() -> None:
    needed = required([change(Kind.ROW_ADDED)], "1.0.0", "1.2.0")
    for outcome in (Outcomes.VERSION_TAKEN, Outcomes.VERSION_LOWER, Outcomes.VERSION_TOO_LOW):
        said = stages.released(Released(outcome, entry("1.2.0"), requirement=needed), Path("releases"), "en")
        assert 'write version = "1.3.0" or higher in package.toml' in said
        assert "minor: t, row added × 1 (k)" in said
    gone = Entry(**{**entry("1.2.0").__dict__, "withdrawn": Withdrawal("2030-01-01", "误", "wrong")})
    said = stages.released(Released(Outcomes.UNCHANGED, gone), Path("releases"), "en")
    assert "withdrawn on 2030-01-01" in said


def test_the_commands_work_on_the_store(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "releases"
    shutil.copytree(home.store, copy, symlinks=True)

    def said(*arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--store", str(copy), "--lang", "en"])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "row renamed" in said("diff", "1.0.0", "latest")
    assert "no differences" in said("diff", "latest", str(copy / "shili-2.0.0.zip"))
    assert said("diff", "1.1.0", "2.0.0", "--changelog").startswith("## 2.0.0\n")
    digest = (copy / "shili-2.0.0" / "SHA256SUMS").read_bytes()
    gone = said("withdraw", "2.0.0", "--reason-zh", "误", "--reason-en", "wrong")
    assert "latest is now 1.0.0" in gone
    assert (copy / "shili-2.0.0" / "SHA256SUMS").read_bytes() == digest
    assert latest(copy) == ("1.0.0", "shili-1.0.0")
