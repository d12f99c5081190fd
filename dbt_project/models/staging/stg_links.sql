select
    from_target_id,
    to_target_id,
    kind,
    note_zh,
    _file,
    _line
from {{ source('curated', 'links') }}
