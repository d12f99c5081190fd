select
    caveat_id,
    "table",
    record_id,
    kind,
    text_zh,
    text_en,
    _file,
    _line
from {{ source('curated', 'caveats') }}
