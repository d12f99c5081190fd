-- what was known of an indicator and period, and from which day until the day before which: the latest correction of one unit
{% set without_value = "('F', 'L', 'M', 'O', 'Q')" %}

-- nearly all are reported once, and need not be put in order: of a million rows that takes most of the time
with repeated as materialized (

    select
        indicator_id,
        period
    from {{ ref('stg_reports') }}
    group by indicator_id, period
    having count(*) > 1

),

events as (

    select
        indicator_id,
        period,
        reported_on as known_from,
        lead(reported_on) over (partition by indicator_id, period order by reported_on) as known_until
    from {{ ref('stg_reports') }}
    semi join repeated using (indicator_id, period)
    group by indicator_id, period, reported_on

),

said as (

    select
        reports.*,
        events.known_from,
        events.known_until,
        reports.value_base is not null and reports.status not in {{ without_value }} as counts
    from {{ ref('stg_reports') }} as reports
    inner join events
        on reports.indicator_id = events.indicator_id
        and reports.period = events.period
        and reports.reported_on <= events.known_from
    qualify
        row_number() over (
            partition by reports.indicator_id, reports.period, events.known_from, reports.organization_id
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
    reports.indicator_id,
    reports.period,
    reports.reported_on as known_from,
    cast(null as date) as known_until,
    reports.organization_id,
    reports.period_start,
    reports.period_end,
    reports.accumulation,
    reports.status,
    reports.value_base,
    reports.base_unit_code,
    reports.reported_on,
    reports.value_base is not null and reports.status not in {{ without_value }} as counts
from {{ ref('stg_reports') }} as reports
inner join {{ ref('stg_indicators') }} as indicators on reports.indicator_id = indicators.indicator_id
anti join repeated on reports.indicator_id = repeated.indicator_id and reports.period = repeated.period

union all

select
    said.indicator_id,
    said.period,
    said.known_from,
    said.known_until,
    said.organization_id,
    said.period_start,
    said.period_end,
    said.accumulation,
    said.status,
    said.value_base,
    said.base_unit_code,
    said.reported_on,
    said.counts
from said
inner join {{ ref('stg_indicators') }} as indicators on said.indicator_id = indicators.indicator_id
left join duties on indicators.task_id = duties.task_id and said.organization_id = duties.organization_id
qualify
    row_number() over (
        partition by said.indicator_id, said.period, said.known_from
        order by said.counts desc, duties.place nulls last, said.organization_id
    ) = 1
