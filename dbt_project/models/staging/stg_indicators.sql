select
    indicator_id,
    task_id,
    name_zh,
    name_en,
    concept_code,
    measure_type,
    unit_code,
    direction,
    aggregation,
    population_zh,
    jurisdiction_code,
    _file,
    _line
from {{ source('curated', 'indicators') }}
