-- what was reported of a target by each of its days: of each period the latest correction of one unit
with known as (

    select
        days.target_id,
        days.as_of,
        indicators.task_id,
        reports.indicator_id,
        reports.period,
        reports.organization_id,
        reports.period_start,
        reports.period_end,
        reports.accumulation,
        reports.status,
        reports.value_base,
        reports.base_unit_code,
        reports.reported_on,
        reports.value_base is not null and reports.status not in ('F', 'L', 'M', 'O', 'Q') as counts
    from {{ ref('int_judgement_days') }} as days
    inner join {{ ref('stg_targets') }} as targets on days.target_id = targets.target_id
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_reports') }} as reports
        on targets.indicator_id = reports.indicator_id and reports.reported_on <= days.as_of
    qualify
        row_number() over (
            partition by days.target_id, days.as_of, reports.period, reports.organization_id
            order by reports.revision desc
        ) = 1

),

duties as (

    select
        task_id,
        organization_id,
        min(case role when 'lead' then 0 else 1000 end + position) as place
    from {{ ref('int_task_units') }}
    group by task_id, organization_id

)

-- several units report the same thing (rule reports-conflict): one speaks for all, they are never added up
select
    known.target_id,
    known.as_of,
    known.period,
    known.organization_id,
    known.period_start,
    known.period_end,
    known.accumulation,
    known.status,
    known.value_base,
    known.base_unit_code,
    known.reported_on,
    known.counts
from known
left join duties on known.task_id = duties.task_id and known.organization_id = duties.organization_id
qualify
    row_number() over (
        partition by known.target_id, known.as_of, known.period
        order by known.counts desc, duties.place nulls last, known.organization_id
    ) = 1
