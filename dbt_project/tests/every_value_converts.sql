-- what has a value has a value in the base unit
select
    target_id,
    unit_code,
    _file,
    _line
from {{ ref('stg_targets') }}
where value is not null and value_base is null
