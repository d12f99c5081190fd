"""What is said of a faulty cell: the finding for each constraint it breaks."""

from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.nearest import nearest_values
from pipeline.suggestions import suggest
from pipeline.tables import Field

# Name of a type, and a cell of it.
TYPES = {
    "string": (Text("文本", "text"), "养老机构"),
    "integer": (Text("整数", "an integer"), "2024"),
    "number": (Text("数字", "a number"), "2.7"),
    "boolean": (Text("真假值", "a boolean"), "true / false"),
    "date": (Text("日期", "a date"), "2024-05-31"),
    "datetime": (Text("日期时间", "a date and time"), "2024-05-31T08:30:00Z"),
    "time": (Text("时刻", "a time"), "08:30:00"),
    "year": (Text("年份", "a year"), "2024"),
    "yearmonth": (Text("年月", "a year and month"), "2024-05"),
    "duration": (Text("时长", "a duration"), "P1Y2M"),
    "object": (Text("JSON 对象", "a JSON object"), '{"a": 1}'),
    "array": (Text("JSON 数组", "a JSON array"), "[1, 2]"),
    "list": (Text("列表", "a list"), "a,b"),
    "geopoint": (Text("经纬度", "a geographic point"), "117.0,32.6"),
    "geojson": (Text("GeoJSON", "GeoJSON"), '{"type": "Point", "coordinates": [117.0, 32.6]}'),
    "any": (Text("任意值", "any value"), "—"),
}
_BOUNDS = {
    "minimum": (Text("不小于", "at least"), "minimum"),
    "maximum": (Text("不大于", "at most"), "maximum"),
    "exclusiveMinimum": (Text("大于", "more than"), "exclusive_minimum"),
    "exclusiveMaximum": (Text("小于", "less than"), "exclusive_maximum"),
    "minLength": (Text("长度不小于", "a length of at least"), "min_length"),
    "maxLength": (Text("长度不大于", "a length of at most"), "max_length"),
}


def cell_fault(
    kind: str, field: Field, place: Place, value: str | None, *, refers: bool = False, near: bool = True
) -> Finding:
    """The finding for a cell that breaks the constraint `kind` of its field; with the nearest value where `near`.

    Where the cell `refers` to a record, what it means is for the reference to say.
    """
    # tables of anybody may take more forms than the canonical one that a suggestion has
    meant = suggest(field, value) if value and field.canonical and not refers else None
    if kind == "type":
        name, example = TYPES[field.type]
        if field.format != "default":
            name = Text(f"{name.zh}(格式 {field.format})", f"{name.en} (format {field.format})")
            example = field.example or "—"
        return Finding("type-error", place, value, {"type": name, "form": example}, meant)
    problem, wanted, fix = _constraint(kind, field, value or "", meant, near=near)
    return Finding("constraint-error", place, value, {"problem": problem, "wanted": wanted}, fix)


def _constraint(kind: str, field: Field, value: str, meant: Fix | None, *, near: bool) -> tuple[Text, Text, Fix | None]:
    """What is wrong, what is wanted, what would be right."""
    match kind:
        case "required":
            title, such_as = field.title, _such_as(field)
            return (
                Text(f"“{title.zh}”未填", f"“{title.en}” is empty"),
                Text(f"必填:{field.description.zh}{such_as.zh}", f"a value: {field.description.en}{such_as.en}"),
                None,
            )
        case "enum":
            nearest = nearest_values(value, field.values) if near and not meant else []
            return (
                Text(f"“{value}”不是允许的值", f"“{value}” is not an allowed value"),
                field.options,
                meant or (Fix(nearest[0]) if nearest else None),
            )
        case "pattern":
            example = f",例如 {field.example}" if field.example else ""
            example_en = f", such as {field.example}" if field.example else ""
            return (
                Text(f"“{value}”不合格式", f"“{value}” does not have the right form"),
                Text(f"格式 {field.pattern}{example}", f"the form {field.pattern}{example_en}"),
                meant,
            )
        case _ if kind in _BOUNDS:
            words, attribute = _BOUNDS[kind]
            bound = getattr(field, attribute)
            if bound is None:  # judged by frictionless-py, from the descriptor
                bound = field.descriptor["constraints"][kind]
            return (
                Text(f"{value} 超出范围", f"{value} is out of bounds"),
                Text(f"{words.zh} {bound}", f"{words.en} {bound}"),
                None,
            )
        case _:
            rule = field.descriptor.get("constraints", {}).get(kind)
            return (
                Text(f"“{value}”不合约束 {kind}", f"“{value}” does not meet the constraint {kind}"),
                Text(f"{kind}:{rule}", f"{kind}: {rule}"),
                None,
            )


def _such_as(field: Field) -> Text:
    if not field.example:
        return Text("", "")
    return Text(f"(例如 {field.example})", f" (such as {field.example})")
