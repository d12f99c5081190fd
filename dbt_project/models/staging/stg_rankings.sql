select
    task_id,
    among,
    covers,
    "every",
    source_id,
    start,
    "end",
    printed,
    note_zh,
    _file,
    _line
from {{ source('curated', 'rankings') }}
