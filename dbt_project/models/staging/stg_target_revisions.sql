with source as (

    select * from {{ source('curated', 'target_revisions') }}

),

units as (

    select * from {{ source('curated', 'units') }}

)

select
    source.target_id,
    source.revision,
    source.effective_on,
    source.status,
    source.comparator,
    cast(source.value as decimal(38, 9)) as value,
    cast(source.upper_value as decimal(38, 9)) as upper_value,
    source.unit_code,
    source.end_year,
    source.decided_by,
    source.document_zh,
    source.decided_on,
    source.note_zh,
    {{ to_base('source.value', 'units') }} as value_base,
    {{ to_base('source.upper_value', 'units') }} as upper_value_base,
    units.base_unit_code,
    units.dimension,
    source._file,
    source._line
from source
left join units on source.unit_code = units.unit_code
