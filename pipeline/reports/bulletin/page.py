"""A bulletin as one HTML page a language: nothing to load, no script; printed, it is the bulletin on paper."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from xml.etree import ElementTree as ET

from pipeline import __version__
from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.ranking import Place, Ranking
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.reports import wording
from pipeline.reports.bulletin import charts, details, overview, words
from pipeline.reports.bulletin import sentences as tell
from pipeline.reports.bulletin import texts as say
from pipeline.reports.page import Child, cell, element, head, table
from pipeline.reports.visible import visible

GENERATOR = "minsheng bulletin"
_NUMERALS = "一二三四五六七八九十"
Section = Callable[[Bulletin, Language], list[Child]]


def page(made: Bulletin, language: Language, others: bool) -> str:
    """The page as text. `others`: whether the page in the other language lies beside it, so that it can lead there."""
    filled = [(name, text(language), section(made, language)) for name, text, section in _SECTIONS]
    shown = [(name, text, content) for name, text, content in filled if content]
    title = visible(tell.subject(made)(language))
    body = element(
        "body",
        {"class": f"lang-{language}"},
        element("a", {"class": "away", "href": "#main"}, say.SKIP(language)),
        element("p", {"class": "fiction", "role": "note"}, NOTICE(language)) if made.is_fictional else None,
        _masthead(made, language, others),
        element(
            "main",
            {"id": "main"},
            *(_section(at, name, text, content, language) for at, (name, text, content) in enumerate(shown)),
        ),
        element("footer", {}, element("p", {}, f"minsheng {__version__} · {made.edition.name}")),
    )
    marked = element("meta", {"name": "generator", "content": f"{GENERATOR} {__version__}"})
    whole = element(
        "html", {"lang": "zh-CN" if language == "zh" else "en"}, head(title, _style(made, language), marked), body
    )
    return "<!DOCTYPE html>\n" + ET.tostring(whole, encoding="unicode", method="html").rstrip("\n")


def _section(at: int, name: str, title: str, content: list[Child], language: Language) -> ET.Element:
    number = f"{_NUMERALS[at]}、" if language == "zh" else f"{at + 1}. "
    return element(
        "section",
        {"id": name, "aria-labelledby": f"{name}-title"},
        element("h2", {"id": f"{name}-title"}, f"{number}{title}"),
        *content,
    )


def _masthead(made: Bulletin, language: Language, others: bool) -> ET.Element:
    programme, edition = made.state.programme, made.edition
    facts = [
        visible(programme.jurisdiction(language)),
        visible(programme.issuer(language)),
        visible(programme.document_number),
        wording.years(programme.start_year, programme.end_year)(language),
    ]
    other: Language = "en" if language == "zh" else "zh"
    links: list[Child] = [element("a", {"href": f"{edition.name}.csv"}, say.NUMBERS(language))]
    if others:
        away = {"href": f"{edition.name}.{other}.html", "hreflang": other, "lang": "zh-CN" if other == "zh" else "en"}
        links = [element("a", away, say.OTHER(language)), " · ", *links]
    return element(
        "header",
        {},
        element(
            "p", {"class": "kind"}, say.KIND(language), element("span", {}, words.period(edition.period)(language))
        ),
        element("h1", {}, element("bdi", {}, visible(programme.title(language)))),
        element("p", {"class": "facts"}, " · ".join(fact for fact in facts if fact)),
        element("p", {"class": "facts"}, tell.known(made)(language)),
        element("p", {"class": "links"}, *links),
    )


def _ranking(made: Bulletin, language: Language) -> list[Child]:
    """The rankings the document asks for; what cannot be ranked is said."""
    content: list[Child] = []
    for each in made.rankings:
        content.append(element("p", {}, visible(tell.asked(each.asked)(language))))
        if not each.asked.is_of_units:
            content.append(element("p", {}, say.NOT_RANKED(language)))
            continue
        content += [_places(each, language), element("p", {"class": "rule"}, tell.RANKING_RULE(language))]
    return content


def _places(of: Ranking, language: Language) -> ET.Element:
    labels = [each(language) for each in (say.RANK, say.IN_CHARGE, say.ON_COURSE, say.COUNT, say.PACE)]
    return table(
        "ranking charted", labels, (_place(each, labels, language) for each in of.places), say.RANKING(language)
    )


def _place(place: Place, labels: list[str], language: Language) -> ET.Element:
    name = element("bdi", {}, visible(place.unit.name(language)))
    if place.rank is None or place.share is None:
        said = element("small", {"class": "sub"}, tell.unranked(place)(language))
        return element(
            "tr",
            {"class": "unranked"},
            cell(labels[0], wording.NONE, kind="rank"),
            cell(labels[1], name),
            cell(labels[2], said, kind="wide"),
            cell(labels[3], tell.on_course(place), kind="number"),
            cell(labels[4], wording.NONE, kind="number"),
        )
    return element(
        "tr",
        {},
        cell(labels[0], str(place.rank), kind="rank"),
        cell(labels[1], name),
        cell(labels[2], charts.share(place.share), element("span", {}, wording.per_cent(place.share)), kind="wide"),
        cell(labels[3], tell.on_course(place), kind="number"),
        cell(labels[4], wording.per_cent(place.pace), kind="number"),
    )


def _method(made: Bulletin, language: Language) -> list[Child]:
    rules = element("ul", {}, *(element("li", {}, text(language)) for text in tell.method(made)))
    sources = [
        element(
            "li",
            {},
            element(
                "bdi",
                {"lang": "zh-CN"},
                visible(wording.source(source)),
            ),
            element("small", {"class": "sub"}, f"SHA-256 {source.sha256[:16]}…"),
        )
        for source in made.state.programme.sources
    ]
    return [
        details.everything(made, language),
        rules,
        element("h3", {}, say.SOURCE(language)) if sources else None,
        element("ul", {"class": "sources"}, *sources) if sources else None,
        element("p", {}, say.FORMULAS(language)),
    ]


_SECTIONS: tuple[tuple[str, Text, Section], ...] = (
    ("overview", say.OVERVIEW, overview.figures),
    ("attention", say.ATTENTION, overview.attention),
    ("changes", say.CHANGES, overview.moved),
    ("ranking", say.RANKING, _ranking),
    ("domains", say.DOMAINS, details.domains),
    ("tasks", say.TASKS, details.tasks),
    ("progress", say.PROGRESS, details.progress),
    ("trends", say.TRENDS, details.trends),
    ("ahead", say.AHEAD, details.ahead),
    ("method", say.METHOD, _method),
)


def _style(made: Bulletin, language: Language) -> str:
    """The style sheet, with what stands in the margins of each printed page."""
    title = f"{made.state.programme.title(language)} · {words.period(made.edition.period)(language)}"
    notice = f"@top-right {{ content: {quoted(NOTICE(language))}; }}\n" if made.is_fictional else ""
    pages = {
        "zh": '"第" counter(page) "页，共" counter(pages) "页"',
        "en": '"Page " counter(page) " of " counter(pages)',
    }
    margins = (
        f"@top-left {{ content: {quoted(_short(title))}; }}\n"
        f"{notice}"
        f"@bottom-left {{ content: {quoted(tell.known(made)(language))}; }}\n"
        f"@bottom-right {{ content: {pages[language]}; }}\n"
    )
    return f"{_sheet()}\n@page {{\n{margins}}}\n"


def _short(title: str) -> str:
    """Of a long title its beginning and its end; a Chinese character takes the room of two letters."""
    most = 34 if any(ord(character) > 0x2E7F for character in title) else 68
    return title if len(title) <= most else f"{title[: most // 2]}…{title[-most // 3 :]}"


def quoted(text: str) -> str:
    """A CSS string that can hold anything: every character as its number, so that none can end it or the sheet.

    Source: CSS Syntax Module Level 3, section 4.3.7 (six digits need no blank behind them).
    """
    return '"' + "".join(f"\\{ord(character):06x}" for character in visible(text)) + '"'


@cache
def _sheet() -> str:
    return "\n" + resources.files("pipeline.reports.bulletin").joinpath("bulletin.css").read_text(encoding="utf-8")
