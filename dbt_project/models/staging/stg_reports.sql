with source as (

    select * from {{ source('curated', 'reports') }}

),

units as (

    select * from {{ source('curated', 'units') }}

)

select
    source.indicator_id,
    source.period,
    source.organization_id,
    source.revision,
    {{ period_start('source.period') }} as period_start,
    {{ period_end('source.period') }} as period_end,
    cast(source.value as decimal(38, 9)) as value,
    source.unit_code,
    source.accumulation,
    source.status,
    source.evidence,
    source.reported_by,
    source.reported_on,
    source.note_zh,
    {{ to_base('source.value', 'units') }} as value_base,
    units.base_unit_code,
    units.dimension,
    source._file,
    source._line
from source
left join units on source.unit_code = units.unit_code
