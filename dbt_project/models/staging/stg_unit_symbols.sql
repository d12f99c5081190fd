select
    symbol,
    unit_code,
    _file,
    _line
from {{ source('curated', 'unit_symbols') }}
