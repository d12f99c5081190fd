-- the days on which a target is judged: that of the run, that of the mid-term review, and each on which something was said
{{ config(materialized='table') }}

with days as (

    select
        target_id,
        {{ as_of() }} as as_of,
        false as is_event
    from {{ ref('stg_targets') }}

    union all

    select
        targets.target_id,
        reviews.review_on as as_of,
        false as is_event
    from {{ ref('stg_targets') }} as targets
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
    inner join {{ ref('int_review_days') }} as reviews on tasks.programme_id = reviews.programme_id

    union all

    select
        targets.target_id,
        reports.reported_on as as_of,
        true as is_event
    from {{ ref('stg_targets') }} as targets
    inner join {{ ref('stg_reports') }} as reports on targets.indicator_id = reports.indicator_id

    union all

    select
        target_id,
        effective_on as as_of,
        true as is_event
    from {{ ref('stg_target_revisions') }}

),

-- a step is looked at on the days of the target it leads to
looked_at as (

    select target_id, as_of, is_event
    from days

    union all

    select
        links.from_target_id as target_id,
        days.as_of,
        false as is_event
    from {{ ref('stg_links') }} as links
    inner join days on links.to_target_id = days.target_id
    where links.kind = 'step_towards'

)

select
    target_id,
    as_of,
    bool_or(is_event) as is_event
from looked_at
where as_of <= {{ as_of() }}
group by target_id, as_of
-- what is made of these days stays in their order: texts that stand together take less time to write, and less room
order by target_id
