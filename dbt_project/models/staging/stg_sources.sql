select
    source_id,
    programme_id,
    title_zh,
    publisher_zh,
    published_on,
    script,
    condition,
    sha256,
    characters,
    terms,
    note,
    _file,
    _line
from {{ source('curated', 'sources') }}
