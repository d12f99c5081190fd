select
    programme_id,
    jurisdiction_code,
    title_zh,
    title_en,
    kind,
    document_number,
    issuer_id,
    issued_on,
    start_year,
    end_year,
    parent_programme_id,
    note,
    _file,
    _line
from {{ source('curated', 'programmes') }}
