"""Every number tied to the characters it was read from, and no digit of a source left over.

Where a source text is at hand, spans, names and the numeral account are judged against it; where it is not, against
the verification lock.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row
from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.quantity import Quantity, parse
from pipeline.sources import SourceText, Span
from pipeline.verification import LockedSource, account_of, digest, digests, printed_names, rows_of

_PRINTED = ("citations", "exclusions", "rankings")  # tables whose rows repeat characters of a source


def _with_text(context: Context, *needs: str) -> Iterator[tuple[Row, SourceText]]:
    for source in context.view.rows("sources", "source_id", "programme_id", "sha256", *needs):
        text = context.sources.get(source["sha256"])
        if text is not None:
            yield source, text


def _without_text(context: Context) -> Iterator[Row]:
    for source in context.view.rows("sources", "source_id", "programme_id", "sha256"):
        if context.sources.get(source["sha256"]) is None:
            yield source


@check("source-hash-mismatch")
def texts_are_the_registered_ones(context: Context) -> Iterator[Finding]:
    """A text at hand has the registered length; one found by name has the registered hash."""
    for source, text in _with_text(context, "characters"):
        if len(text.text) != source["characters"]:
            found = str(len(text.text))
            problem = Text(f"文本有 {found} 个字符", f"the text has {found} characters")
            yield source.finding("source-hash-mismatch", "characters", Fix(found, safe=True), problem=problem)
    for source in _without_text(context):
        found_hash = context.sources.hash_of_name.get(source["source_id"])
        if found_hash is not None:
            problem = Text(
                f"文件 {source['source_id']}.txt 的 SHA-256 为 {found_hash}",
                f"the file {source['source_id']}.txt has the SHA-256 {found_hash}",
            )
            yield source.finding("source-hash-mismatch", "sha256", problem=problem)


@check("span-mismatch")
def spans_hold_what_is_printed(context: Context) -> Iterator[Finding]:
    """text[start:end] equals printed, for citations, exclusions and what asks for a ranking."""
    for table in _PRINTED:
        list(context.view.rows(table, "source_id", "start", "end", "printed"))  # what is faulty is not checked here
    for source, text in _with_text(context):
        for table in _PRINTED:
            for row in rows_of(context.data, table, source["source_id"]):
                found = text.text[row["start"] : row["end"]]
                if found != row["printed"]:
                    yield _moved(row, found, text)


def _moved(row: Row, found: str, text: SourceText) -> Finding:
    places = sorted(text.occurrences(row["printed"]), key=lambda start: abs(start - row["start"]))
    fix = None
    nearest = Text("", "")
    if places:
        end = places[0] + len(row["printed"])
        fix = Fix(str(places[0]))
        nearest = Text(f";最近的在 {places[0]}—{end}", f"; the nearest is at {places[0]}–{end}")
    facts: dict[str, str | Text] = {
        "start": str(row["start"]),
        "end": str(row["end"]),
        "found": found[:40],
        "nearest": nearest,
    }
    return Finding("span-mismatch", row.place("start"), row["printed"], facts, fix)


@check("span-overlap")
def spans_do_not_overlap(context: Context) -> Iterator[Finding]:
    """Spans of a source are disjoint, or identical citations of different owners."""
    by_source: defaultdict[str, list[Row]] = defaultdict(list)
    for table in ("citations", "exclusions"):
        for row in context.view.rows(table, "source_id", "start", "end"):
            by_source[row["source_id"]].append(row)
    for rows in by_source.values():
        rows.sort(key=lambda row: (row["start"], row["end"], row.source.table.name))
        seen: dict[tuple[int, int], set[str]] = defaultdict(set)
        reach = rows[0]
        for before, row in pairwise(rows):
            reach = before if before["end"] >= reach["end"] else reach
            span = (row["start"], row["end"])
            seen[before["start"], before["end"]].add(_owner(before))
            same = span == (reach["start"], reach["end"])
            if Span(*span).overlaps(Span(reach["start"], reach["end"])) and not (
                same and "" not in (_owner(row), _owner(reach)) and _owner(row) not in seen[span]
            ):
                yield row.finding(
                    "span-overlap",
                    "start",
                    start=str(row["start"]),
                    end=str(row["end"]),
                    other=reach.place().cell,
                    other_start=str(reach["start"]),
                    other_end=str(reach["end"]),
                )


def _owner(row: Row) -> str:
    """What a citation cites; empty for an exclusion."""
    if row.source.table.name == "exclusions":
        return ""
    return str(row["target_id"] or row["observation_id"] or row["milestone_id"])


@check("numeral-unaccounted")
def every_digit_is_accounted_for(context: Context) -> Iterator[Finding]:
    """Each digit run of a source lies in a citation or an exclusion."""
    needs = ("source_id", "start", "end")
    if not (context.view.whole("citations", *needs) and context.view.whole("exclusions", *needs)):
        return
    for source, text in _with_text(context):
        for span in account_of(context.data, source["source_id"], text).unaccounted:
            digits = text.text[span.start : span.end]
            place = source.place()
            yield Finding(
                "numeral-unaccounted",
                Place(place.file, place.line, place.row, None, None, f"{source.key}/{span.start}"),
                digits,
                {"source_line": str(text.line(span.start))},
            )


@check("list-value-unclaimed")
def every_listed_value_is_claimed(context: Context) -> Iterator[Finding]:
    """A list cited as one span (不低于80%、75%、60%) has an owner for each of its values."""
    owners: defaultdict[tuple[str, int, int], list[Row]] = defaultdict(list)
    for row in context.view.rows("citations", "source_id", "start", "end", "printed"):
        owners[row["source_id"], row["start"], row["end"]].append(row)
    for rows in owners.values():
        read = parse(rows[0]["printed"])
        if not isinstance(read, tuple) or len(read) < 2 or rows[0]["milestone_id"]:
            continue
        view = context.view
        cited = [
            view.find("targets", row["target_id"], "value") or view.find("observations", row["observation_id"], "value")
            for row in rows
        ]
        values = {row["value"] for row in cited if row is not None}
        for quantity in read:
            if None not in cited and quantity.value not in values:
                yield _unclaimed(rows[0], quantity)


def _unclaimed(row: Row, quantity: Quantity) -> Finding:
    place = row.place("printed")
    return Finding(
        "list-value-unclaimed",
        place,
        str(quantity.value),
        {"printed": row["printed"], "value": str(quantity.value)},
    )


@check("target-uncited")
def every_value_is_cited(context: Context) -> Iterator[Finding]:
    """Targets, observations and milestones have a citation each; a reported observation has its evidence instead."""
    owners = (
        ("targets", ("target_id",)),
        ("observations", ("observation_id", "evidence")),
        ("milestones", ("milestone_id",)),
    )
    for table, needs in owners:
        key = needs[0]
        if not context.view.whole("citations", key):
            continue
        cited = {row[key] for row in context.data.tables["citations"]}
        for row in context.view.rows(table, *needs):
            reported = table == "observations" and row["evidence"]
            if row[key] not in cited and not reported:
                yield row.finding("target-uncited", key, record=row.key)


@check("printed-name-not-in-source")
def printed_names_occur(context: Context) -> Iterator[Finding]:
    """A printed name stands to the letter in a source of its programme."""
    texts: defaultdict[str, list[tuple[Row, SourceText]]] = defaultdict(list)
    list(context.view.rows("assignments", "printed_name", "task_id"))  # what is faulty there is not checked here
    absent = {source["programme_id"] for source in _without_text(context)}
    for source, text in _with_text(context):
        texts[source["programme_id"]].append((source, text))
    for programme, at_hand in texts.items():
        if programme in absent:
            continue  # the name may stand in the text that is not here; the lock speaks for it
        for name, row in printed_names(context.data, programme).items():
            if not any(name in text.text for _, text in at_hand):
                names = ", ".join(source["source_id"] for source, _ in at_hand)
                yield row.finding("printed-name-not-in-source", "printed_name", source=names)


@check("verification-stale")
def unseen_rows_are_as_verified(context: Context) -> Iterator[Finding]:
    """Without the text, the rows must be those that were verified against it."""
    if context.view.whole("sources", "source_id"):
        registered = {row["source_id"] for row in context.data.tables["sources"]}
        for gone in sorted(set(context.lock.sources) - registered):
            problem = Text(
                f"核对过的来源 {gone} 已不在 sources.csv", f"the verified source {gone} is no longer in sources.csv"
            )
            yield Finding("verification-stale", Place("sources.csv"), gone, {"problem": problem})
    for source in _without_text(context):
        locked = context.lock.sources.get(source["source_id"])
        if locked is None or locked.sha256 != source["sha256"]:
            problem = Text(
                f"来源 {source.key} 的文本不在手边,也没有核对记录",
                f"the text of {source.key} is not at hand and it was never verified",
            )
            yield source.finding("verification-stale", "source_id", problem=problem)
        else:
            yield from _changes(context, source, locked)


def _changes(context: Context, source: Row, locked: LockedSource) -> Iterator[Finding]:
    data, source_id = context.data, source["source_id"]
    known_rows = {"citations": locked.citations, "exclusions": locked.exclusions, "rankings": locked.rankings}
    for table, known in known_rows.items():
        for row in rows_of(data, table, source_id):
            if known.get(row.key) != digest(row):
                change = Text("新增", "added") if row.key not in known else Text("改动", "changed")
                problem = Text(f"{row.key} 在核对之后{change.zh}", f"{row.key} was {change.en} after the verification")
                yield row.finding("verification-stale", "printed", problem=problem)
        if table in data.incomplete:
            context.view.pass_over(Text(f"{table} 未能完整读取", f"{table} could not be read whole"))
            continue
        for key in sorted(set(known) - set(digests(data, table, source_id))):
            problem = Text(f"{table} 的 {key} 在核对之后删除", f"{key} of {table} was removed after the verification")
            yield source.finding("verification-stale", "source_id", problem=problem)
    for name, row in printed_names(data, source["programme_id"]).items():
        if name not in locked.printed_names:
            problem = Text(f"印刷名称“{name}”未经核对", f"the printed name “{name}” was not verified")
            yield row.finding("verification-stale", "printed_name", problem=problem)
