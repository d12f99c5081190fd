select
    citation_id,
    target_id,
    observation_id,
    milestone_id,
    source_id,
    start,
    "end",
    printed,
    _file,
    _line
from {{ source('curated', 'citations') }}
