select
    jurisdiction_code,
    name_zh,
    name_en,
    level,
    parent_code,
    valid_from,
    valid_to,
    _file,
    _line
from {{ source('curated', 'jurisdictions') }}
