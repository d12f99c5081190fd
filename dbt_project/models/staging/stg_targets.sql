with source as (

    select * from {{ source('curated', 'targets') }}

),

units as (

    select * from {{ source('curated', 'units') }}

)

select
    source.target_id,
    source.indicator_id,
    source.kind,
    source.basis,
    source.start_year,
    source.end_year,
    source.year_stated,
    source.comparator,
    cast(source.value as decimal(38, 9)) as value,
    cast(source.upper_value as decimal(38, 9)) as upper_value,
    source.unit_code,
    source.quantified,
    source.note_zh,
    {{ to_base('source.value', 'units') }} as value_base,
    {{ to_base('source.upper_value', 'units') }} as upper_value_base,
    units.base_unit_code,
    units.dimension,
    source._file,
    source._line
from source
left join units on source.unit_code = units.unit_code
