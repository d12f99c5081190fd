with source as (

    select * from {{ source('curated', 'observations') }}

),

units as (

    select * from {{ source('curated', 'units') }}

)

select
    source.observation_id,
    source.indicator_id,
    source.kind,
    source.period_start,
    source.period_end,
    source.comparator,
    cast(source.value as decimal(38, 9)) as value,
    cast(source.upper_value as decimal(38, 9)) as upper_value,
    source.unit_code,
    source.status,
    source.reported_by,
    source.reported_on,
    source.evidence,
    source.note_zh,
    {{ to_base('source.value', 'units') }} as value_base,
    {{ to_base('source.upper_value', 'units') }} as upper_value_base,
    units.base_unit_code,
    units.dimension,
    source._file,
    source._line
from source
left join units on source.unit_code = units.unit_code
