select
    "table",
    old_key,
    new_key,
    renamed_on,
    note,
    _file,
    _line
from {{ source('curated', 'renames') }}
