select
    concept_code,
    name_zh,
    name_en,
    definition_zh,
    dimension,
    measure_type,
    direction,
    aggregation,
    domain_code,
    _file,
    _line
from {{ source('curated', 'concepts') }}
