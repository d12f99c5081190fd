-- each curated target has a status, and none without a number or a report has one that says more
select
    stg_targets.target_id,
    attainment.status,
    stg_targets._file,
    stg_targets._line
from {{ ref('stg_targets') }} as stg_targets
left join {{ ref('attainment') }} as attainment on stg_targets.target_id = attainment.target_id
where
    attainment.target_id is null
    or (attainment.value_base is null or attainment.actual_base is null)
    and attainment.status not in ('no_data', 'not_measurable')
