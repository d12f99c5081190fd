select
    organization_id,
    jurisdiction_code,
    name_zh,
    name_en,
    kind,
    valid_from,
    valid_to,
    predecessor_id,
    uscc,
    note,
    _file,
    _line
from {{ source('curated', 'organizations') }}
