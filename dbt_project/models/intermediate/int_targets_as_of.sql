-- each target as it stood on each of its days: the revision in force, else the first promise

-- most targets are never revised: their days need not be grouped
with revised as (

    select
        days.target_id,
        days.as_of,
        any_value(days.is_event) as is_event,
        max(revisions.revision) as revision
    from {{ ref('int_judgement_days') }} as days
    semi join {{ ref('stg_target_revisions') }} as ever on days.target_id = ever.target_id
    left join {{ ref('stg_target_revisions') }} as revisions
        on days.target_id = revisions.target_id and revisions.effective_on <= days.as_of
    group by days.target_id, days.as_of

    union all

    select
        days.target_id,
        days.as_of,
        days.is_event,
        null as revision
    from {{ ref('int_judgement_days') }} as days
    anti join {{ ref('stg_target_revisions') }} as ever on days.target_id = ever.target_id

)

select
    revised.target_id,
    revised.as_of,
    revised.is_event,
    targets.indicator_id,
    targets.basis,
    targets.start_year,
    revised.revision,
    coalesce(revisions.status = 'withdrawn', false) as is_withdrawn,
    case when revised.revision is null then targets.end_year else revisions.end_year end as end_year,
    case when revised.revision is null then targets.comparator else revisions.comparator end as comparator,
    case when revised.revision is null then targets.value_base else revisions.value_base end as value_base,
    case when revised.revision is null then targets.upper_value_base else revisions.upper_value_base end
        as upper_value_base,
    case when revised.revision is null then targets.base_unit_code else revisions.base_unit_code end as base_unit_code
from revised
inner join {{ ref('stg_targets') }} as targets on revised.target_id = targets.target_id
left join {{ ref('stg_target_revisions') }} as revisions
    on revised.target_id = revisions.target_id and revised.revision = revisions.revision
