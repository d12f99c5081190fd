select
    domain_code,
    name_zh,
    name_en,
    cofog_code,
    sdg_goal,
    match,
    _file,
    _line
from {{ source('curated', 'domains') }}
