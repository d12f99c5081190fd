-- what has a value has a value in the base unit
select
    target_id,
    unit_code,
    _file,
    _line
from {{ ref('stg_targets') }}
where
    (value is not null and value_base is null)
    or (upper_value is not null and upper_value_base is null)

union all

select
    observation_id,
    unit_code,
    _file,
    _line
from {{ ref('stg_observations') }}
where
    (value is not null and value_base is null)
    or (upper_value is not null and upper_value_base is null)

union all

select
    indicator_id || '/' || period || '/' || organization_id || '/' || revision,
    unit_code,
    _file,
    _line
from {{ ref('stg_reports') }}
where value is not null and value_base is null

union all

select
    target_id || '/' || revision,
    unit_code,
    _file,
    _line
from {{ ref('stg_target_revisions') }}
where
    (value is not null and value_base is null)
    or (upper_value is not null and upper_value_base is null)
