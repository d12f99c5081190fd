"""What somebody may have meant: the existing values most like a wrong one."""

from collections.abc import Sequence

from pipeline.language import Text

LONGEST = 200  # characters; longer texts are not compared


def nearest_values(value: str, existing: Sequence[str], limit: int = 3) -> list[str]:
    """Existing values most like this one, best first; none where nothing is near."""
    if len(value) > LONGEST:
        return []
    from rapidfuzz import fuzz, process  # only where something is wrong

    found = process.extract(value, list(dict.fromkeys(existing)), scorer=fuzz.ratio, limit=limit, score_cutoff=60)
    return [str(match[0]) for match in found]


def hints(value: str, existing: Sequence[str]) -> Text:
    """“; nearest: …” for a message, empty where nothing is near."""
    return hint_of(nearest_values(value, existing))


def hint_of(nearest: Sequence[str]) -> Text:
    """The same for values already found."""
    if not nearest:
        return Text("", "")
    return Text(f";最接近:{'、'.join(nearest)}", f"; nearest: {', '.join(nearest)}")
