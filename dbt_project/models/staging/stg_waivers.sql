select
    code,
    record,
    reason,
    owner,
    review_by,
    _file,
    _line
from {{ source('curated', 'waivers') }}
