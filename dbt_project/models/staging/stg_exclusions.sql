select
    source_id,
    start,
    "end",
    printed,
    reason,
    note,
    _file,
    _line
from {{ source('curated', 'exclusions') }}
