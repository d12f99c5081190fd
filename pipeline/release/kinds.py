"""The kinds of changes between two releases."""

from collections.abc import Mapping
from enum import StrEnum

from pipeline.language import Text


class Kind(StrEnum):
    """What can change; the values are those of the column `change` in changes.csv."""

    PACKAGE_RENAMED = "package renamed"
    TABLE_ADDED = "table added"
    TABLE_REMOVED = "table removed"
    COLUMN_ADDED = "column added"
    COLUMN_REMOVED = "column removed"
    COLUMN_RETYPED = "column retyped"
    COLUMN_MOVED = "column moved"
    KEY_CHANGED = "key changed"
    REFERENCE_CHANGED = "reference changed"
    TIGHTENED = "constraint tightened"
    LOOSENED = "constraint loosened"
    DESCRIBED = "description changed"
    ROW_ADDED = "row added"
    ROW_REMOVED = "row removed"
    REFERRED_REMOVED = "referred row removed"
    ROW_RENAMED = "row renamed"
    CELL_CHANGED = "cell changed"


WORDS: Mapping[Kind, Text] = {
    Kind.PACKAGE_RENAMED: Text("数据包改名", "package renamed"),
    Kind.TABLE_ADDED: Text("新增表", "table added"),
    Kind.TABLE_REMOVED: Text("删除表", "table removed"),
    Kind.COLUMN_ADDED: Text("新增列", "column added"),
    Kind.COLUMN_REMOVED: Text("删除列", "column removed"),
    Kind.COLUMN_RETYPED: Text("列改类型", "column of another type"),
    Kind.COLUMN_MOVED: Text("列换位置", "column moved"),
    Kind.KEY_CHANGED: Text("主键改变", "key changed"),
    Kind.REFERENCE_CHANGED: Text("引用关系改变", "reference changed"),
    Kind.TIGHTENED: Text("约束收紧", "constraint tightened"),
    Kind.LOOSENED: Text("约束放宽", "constraint loosened"),
    Kind.DESCRIBED: Text("说明改变", "description changed"),
    Kind.ROW_ADDED: Text("新增行", "row added"),
    Kind.ROW_REMOVED: Text("删除行", "row removed"),
    Kind.REFERRED_REMOVED: Text("删除被引用的行", "row removed that others referred to"),
    Kind.ROW_RENAMED: Text("标识改名", "row renamed"),
    Kind.CELL_CHANGED: Text("改动单元格", "cell changed"),
}
