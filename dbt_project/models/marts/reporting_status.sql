-- who owes which figure: one row an indicator, unit in charge and year that is over
with owed as (

    select
        years.indicator_id,
        years.year
    from (
        select
            promised.indicator_id,
            unnest(generate_series(promised.start_year, least(promised.end_year, year({{ as_of() }}) - 1))) as year
        from {{ ref('int_targets_as_of') }} as promised
        inner join {{ ref('stg_targets') }} as targets on promised.target_id = targets.target_id
        where
            promised.as_of = {{ as_of() }}
            and targets.kind = 'target'
            and promised.value_base is not null
            and not promised.is_withdrawn
    ) as years
    group by years.indicator_id, years.year

),

-- nearly all are reported once, and need not be put in order
corrected as materialized (

    select distinct
        indicator_id,
        period,
        organization_id
    from {{ ref('stg_reports') }}
    where revision > 1

),

latest as (

    select
        indicator_id,
        period_end,
        organization_id,
        status,
        value_base,
        reported_on as first_reported_on
    from {{ ref('stg_reports') }}
    anti join corrected using (indicator_id, period, organization_id)
    where reported_on <= {{ as_of() }}

    union all

    select
        indicator_id,
        period_end,
        organization_id,
        status,
        value_base,
        min(reported_on) over (partition by indicator_id, period, organization_id) as first_reported_on
    from {{ ref('stg_reports') }}
    semi join corrected using (indicator_id, period, organization_id)
    where reported_on <= {{ as_of() }}
    qualify row_number() over (partition by indicator_id, period, organization_id order by revision desc) = 1

),

judged as (

    select
        indicator_id,
        organization_id,
        first_reported_on,
        period_end,
        year(period_end) as year,
        period_end = make_date(year(period_end), 12, 31) as is_year_end,
        value_base is not null and status not in ('F', 'L', 'M', 'O', 'Q') as counts,
        status in ('L', 'M', 'O', 'Q') as is_without_value
    from latest

),

reported as (

    -- several units report the same thing: the figure of one settles it for all
    select
        indicator_id,
        year,
        max(period_end) filter (where counts) as reported_to,
        min(first_reported_on) filter (where counts and is_year_end) as reported_on,
        -- of two on one day the first by name, so that every run names the same
        arg_min(organization_id, (first_reported_on, organization_id)) filter (where counts and is_year_end)
            as reporting_organization_id,
        coalesce(bool_or(is_without_value and is_year_end), false) as is_without_value
    from judged
    group by indicator_id, year

),

due as (

    select
        owed.indicator_id,
        owed.year,
        cast(make_date(owed.year, 12, 31) + to_days({{ var('report_due_days') }}) as date) as due_on,
        reported.reported_to,
        reported.reported_on,
        reported.reporting_organization_id,
        coalesce(reported.is_without_value, false) as is_without_value
    from owed
    left join reported on owed.indicator_id = reported.indicator_id and owed.year = reported.year

)

select
    due.indicator_id,
    units.organization_id,
    cast(due.year as bigint) as year,
    tasks.programme_id,
    tasks.task_id,
    tasks.domain_code,
    indicators.name_zh as indicator_zh,
    indicators.name_en as indicator_en,
    units.name_zh as organization_zh,
    units.name_en as organization_en,
    units.role,
    due.due_on,
    due.reported_to,
    due.reported_on,
    due.reporting_organization_id,
    case
        when due.reported_on > due.due_on then 'late'
        when due.reported_on is not null then 'reported'
        when due.is_without_value then 'without_value'
        when due.due_on >= {{ as_of() }} then 'due'
        when due.reported_to is not null then 'partly'
        else 'missing'
    end as status,
    programmes.fictional
from due
inner join {{ ref('stg_indicators') }} as indicators on due.indicator_id = indicators.indicator_id
inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
inner join {{ ref('programmes') }} as programmes on tasks.programme_id = programmes.programme_id
inner join {{ ref('int_units_in_charge') }} as units on indicators.task_id = units.task_id
order by due.indicator_id, units.organization_id, due.year
