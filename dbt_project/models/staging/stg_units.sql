select
    unit_code,
    name_zh,
    name_en,
    dimension,
    base_unit_code,
    numerator,
    denominator,
    ucum,
    qudt,
    integral,
    _file,
    _line
from {{ source('curated', 'units') }}
