"""What `init`, `add-programme` and `template` made, and what comes next."""

import shlex
from pathlib import Path

from pipeline.language import Language, Text
from pipeline.registering import Registered
from pipeline.reports.visible import visible
from pipeline.starting import Started
from pipeline.template import Template


def started(made: Started, language: Language) -> str:
    """The folder that was laid out."""
    names = " › ".join(f"{division.name_zh} {division.code}" for division in made.divisions)
    folder = shlex.quote(str(made.folder))
    return "\n".join(
        [
            Text(
                f"已建立 {made.folder}:{names};数据包 {made.package} 0.1.0",
                f"made {made.folder}: {names}; package {made.package} 0.1.0",
            )(language),
            Text(
                f"下一步:minsheng add-programme 方案标识 {folder}(说明见 {made.folder / 'README.md'})",
                f"next: minsheng add-programme PROGRAMME_ID {folder} (see {made.folder / 'README.md'})",
            )(language),
        ]
    )


def registered(made: Registered, language: Language) -> str:
    """The programme that was registered, and what was assumed of its text."""
    lines = [
        Text(f"已登记 {made.programme_id}:{made.folder}", f"registered {made.programme_id}: {made.folder}")(language)
    ]
    source = made.source
    if source is not None:
        lines.append(
            visible(
                Text(
                    f"原文:{source['characters']} 个字符,script {source['script']},condition {source['condition']};"
                    "请在 sources.csv 核对,并补上发布机构与日期",
                    f"text: {source['characters']} characters, script {source['script']}, condition "
                    f"{source['condition']}; check them in sources.csv and add publisher and date",
                )(language)
            )
        )
    following = Text(
        "下一步:填写其中的表,minsheng validate 会列出待补的内容",
        "next: fill in its tables; minsheng validate lists what is missing",
    )
    return "\n".join([*lines, following(language)])


def to_fill_in(made: Template, folder: Path, target: Path, language: Language) -> str:
    """The template that was written, and where it goes once it is filled in."""
    count = len(made.lines)
    indicators = "indicator" if count == 1 else "indicators"
    return visible(
        Text(
            f"已写出 {target}:{made.unit.zh} {made.period.text},{count} 个指标;填好后放到 {folder / made.place}",
            f"wrote {target}: {made.unit.en}, {made.period.text}, {count} {indicators}; once filled in it goes to "
            f"{folder / made.place}",
        )(language)
    ) + (f"\n{made.notice(language)}" if made.notice else "")
