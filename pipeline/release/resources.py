"""What a release holds: the marts, and the curated tables they were made from."""

from dataclasses import dataclass

from pipeline.tables import Table, curated_tables, mart_tables
from pipeline.warehouse import quote


@dataclass(frozen=True)
class Resource:
    """A published table: where it stands in the warehouse and in the release."""

    table: Table
    name: str
    schema: str
    path: str

    @property
    def parquet_path(self) -> str:
        return self.path.removesuffix(".csv") + ".parquet"

    @property
    def relation(self) -> str:
        return f"{self.schema}.{quote(self.table.name)}"

    def rows(self, columns: list[str] | None = None) -> str:
        """SQL for its rows in the order of the key, which is unique: the only order two machines agree on."""
        chosen = ", ".join(columns or [quote(name) for name in self.table.names])
        order = ", ".join(quote(name) for name in self.table.primary_key)
        return f"SELECT {chosen} FROM {self.relation} ORDER BY {order}"  # noqa: S608 - quoted names of schemas


def resources() -> tuple[Resource, ...]:
    """All resources: marts first, then curated tables under data/curated/."""
    marts = [Resource(table, table.name, "main", table.path) for table in mart_tables()]
    curated = [
        Resource(table, f"curated-{table.name}", "curated", f"data/curated/{table.name}.csv")
        for table in curated_tables()
    ]
    return (*marts, *curated)
