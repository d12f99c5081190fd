-- the actual value of a target on each of its days, from the reports of its period; docs/attainment.md has the table
{{ config(materialized='table') }}

-- No period crosses the end of a year, and a target takes years whole or not at all. So what was reported is first
-- brought together by indicator and year, for each day on which something of that year changed, and only these few rows
-- meet the days of the targets. Every day of a target met with every report known by then would be their number squared.
--
-- Targets, indicators, units, reports and days of change are numbered here, so that what there are most of is joined
-- and grouped by numbers: by the identifiers themselves it took twice as long.

with numbered as materialized (

    select
        row_number() over () as target_no,
        dense_rank() over (order by targets.indicator_id) as indicator_no,
        targets.target_id,
        targets.indicator_id,
        targets.basis,
        targets.start_year,
        indicators.aggregation = 'sum' as adds_up,
        programmes.start_year as programme_start_year
    from {{ ref('stg_targets') }} as targets
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
    inner join {{ ref('stg_programmes') }} as programmes on tasks.programme_id = programmes.programme_id

),

units as materialized (

    select
        row_number() over () as unit_no,
        base_unit_code
    from (select distinct base_unit_code from {{ ref('stg_units') }})

),

counted as materialized (

    select
        row_number() over () as report_no,
        indicators.indicator_no,
        year(reports.period_end) as year,
        reports.period_start,
        reports.period_end,
        datediff('day', reports.period_start, reports.period_end) as days,
        -- orders reports by their end, of those that end on one day the longest last
        datediff('day', date '1900-01-01', reports.period_end) * 1000
        + datediff('day', reports.period_start, reports.period_end) as place,
        reports.accumulation,
        indicators.adds_up and reports.accumulation <> 'level' as is_amount,
        indicators.adds_up and reports.accumulation = 'period' as is_part,
        reports.value_base,
        units.unit_no,
        reports.known_from,
        reports.known_until
    from {{ ref('int_reports_in_force') }} as reports
    inner join (select distinct indicator_no, indicator_id, adds_up from numbered) as indicators
        on reports.indicator_id = indicators.indicator_id
    left join units on reports.base_unit_code = units.base_unit_code
    where reports.counts

),

changes as materialized (

    select
        row_number() over () as change_no,
        indicator_no,
        year,
        known_from,
        -- an end that is always there is compared in the join, before what does not hold is copied
        coalesce(lead(known_from) over (partition by indicator_no, year order by known_from), date 'infinity')
            as known_until
    from (
        select indicator_no, year, known_from
        from counted
        union
        select indicator_no, year, known_until as known_from
        from counted
        where known_until is not null
    )

),

-- a month inside a reported quarter is not added once more, while that is known; what holds another is longer than a month
inside_longer as (

    select distinct
        shorter.report_no,
        changes.change_no
    from counted as shorter
    inner join counted as longer
        on shorter.indicator_no = longer.indicator_no
        and shorter.year = longer.year
        and shorter.period_start >= longer.period_start
        and shorter.period_end <= longer.period_end
        and shorter.days < longer.days
    inner join changes
        on longer.indicator_no = changes.indicator_no
        and longer.year = changes.year
        and longer.known_from <= changes.known_from
        and (longer.known_until is null or longer.known_until > changes.known_from)
    where longer.days > 30 and longer.is_part and shorter.is_part

),

-- for each day on which something of a year changed, and kind of report, what was reported of that year
sums as (

    select
        changes.change_no,
        counted.accumulation,
        arg_max(counted.report_no, counted.place) as last_report_no,
        count(*) filter (where inside_longer.report_no is null) as parts,
        sum(counted.value_base) filter (where inside_longer.report_no is null) as parts_base,
        sum(counted.days + 1) filter (where inside_longer.report_no is null) as parts_days,
        min(counted.unit_no) filter (where inside_longer.report_no is null) as first_unit_no,
        max(counted.unit_no) filter (where inside_longer.report_no is null) as last_unit_no
    from changes
    inner join counted
        on changes.indicator_no = counted.indicator_no
        and changes.year = counted.year
        and changes.known_from >= counted.known_from
        and (counted.known_until is null or changes.known_from < counted.known_until)
    left join inside_longer
        on counted.report_no = inside_longer.report_no and changes.change_no = inside_longer.change_no
    group by changes.change_no, counted.accumulation

),

years as materialized (

    select
        row_number() over () as state_no,
        changes.indicator_no,
        changes.year,
        changes.known_from,
        changes.known_until,
        counted.accumulation,
        counted.place,
        counted.period_end,
        counted.is_amount,
        case when counted.is_part then sums.parts else 1 end as reports,
        case when counted.is_part then sums.parts_base else counted.value_base end as value_base,
        case when counted.is_part then sums.first_unit_no else counted.unit_no end as first_unit_no,
        case when counted.is_part then sums.last_unit_no else counted.unit_no end as last_unit_no,
        case
            when counted.is_part then sums.parts_days
            when counted.accumulation = 'cumulative'
                then datediff('day', make_date(changes.year, 1, 1), counted.period_end) + 1
            else counted.days + 1
        end as days_covered
    from sums
    inner join changes on sums.change_no = changes.change_no
    inner join counted on sums.last_report_no = counted.report_no

),

-- on each day of a target, of each kind of report, what was reported of the years that count for it
added as materialized (

    select
        numbered.target_no,
        promised.as_of,
        years.accumulation,
        any_value(promised.end_year) as end_year,
        -- amounts of periods and of years add up, of all else and of what is due each year the last counts
        any_value(
            years.is_amount and years.accumulation in ('period', 'cumulative') and numbered.basis <> 'each_year'
        ) as adds_years,
        max(years.place) as place,
        arg_max(years.state_no, years.place) as last_state_no,
        sum(years.reports) as reports,
        sum(years.value_base) as value_base,
        sum(years.days_covered) as days_covered,
        bool_and(years.first_unit_no = units.unit_no and years.last_unit_no = units.unit_no) as unit_converts,
        any_value(units.unit_no) as unit_no
    from {{ ref('int_targets_as_of') }} as promised
    inner join numbered on promised.target_id = numbered.target_id
    left join units on promised.base_unit_code = units.base_unit_code
    inner join years
        on numbered.indicator_no = years.indicator_no
        and promised.as_of >= years.known_from
        and promised.as_of < years.known_until
        -- a state stays what it was, an amount belongs to its period
        and years.year <= promised.end_year
        and (
            years.year >= numbered.start_year
            or numbered.basis = 'by_end'
            and (not numbered.adds_up or years.accumulation in ('level', 'since_start'))
        )
    group by numbered.target_no, promised.as_of, years.accumulation

),

latest as (

    select
        target_no,
        as_of,
        max(place) as place
    from added
    group by target_no, as_of

),

actuals as (

    select
        added.target_no,
        added.as_of,
        numbered.indicator_no,
        numbered.target_id,
        numbered.basis,
        numbered.programme_start_year,
        added.accumulation,
        years.is_amount,
        years.period_end as actual_to,
        -- of what is due each year the last year reported is judged
        make_date(case numbered.basis when 'each_year' then years.year else numbered.start_year end, 1, 1)
            as window_start,
        make_date(case numbered.basis when 'each_year' then years.year else added.end_year end, 12, 31) as window_end,
        case when added.adds_years then added.reports else years.reports end as reports,
        case when added.adds_years then added.value_base else years.value_base end as value_base,
        case when added.adds_years then added.days_covered else years.days_covered end as days_covered,
        case
            when added.adds_years then added.unit_converts
            else years.first_unit_no = added.unit_no and years.last_unit_no = added.unit_no
        end as unit_converts
    from added
    inner join latest
        on added.target_no = latest.target_no and added.as_of = latest.as_of and added.place = latest.place
    inner join numbered on added.target_no = numbered.target_no
    inner join years on added.last_state_no = years.state_no

),

-- what had added up since the programme began when a year ended
closings as (

    select
        changes.indicator_no,
        changes.year,
        changes.known_from,
        changes.known_until,
        counted.accumulation,
        max(counted.value_base) as value_base
    from changes
    inner join counted
        on changes.indicator_no = counted.indicator_no
        and changes.year = counted.year
        and changes.known_from >= counted.known_from
        and (counted.known_until is null or changes.known_from < counted.known_until)
    where counted.accumulation = 'since_start' and month(counted.period_end) = 12
    group by changes.indicator_no, changes.year, changes.known_from, changes.known_until, counted.accumulation

)

select
    actuals.target_id,
    actuals.as_of,
    actuals.window_start,
    actuals.window_end,
    actuals.accumulation,
    actuals.is_amount,
    actuals.actual_to,
    cast(actuals.reports as bigint) as reports,
    actuals.unit_converts,
    actuals.is_amount
    and actuals.accumulation <> 'since_start'
    and actuals.days_covered <= datediff('day', actuals.window_start, actuals.actual_to) as periods_missing,
    cast(
        case
            when not actuals.unit_converts then null
            when
                actuals.is_amount
                and actuals.accumulation = 'since_start'
                and actuals.basis <> 'by_end'
                and year(actuals.window_start) > actuals.programme_start_year
                then actuals.value_base - closings.value_base
            else actuals.value_base
        end as decimal(38, 9)
    ) as actual_base
from actuals
left join closings
    on actuals.indicator_no = closings.indicator_no
    and actuals.accumulation = closings.accumulation
    and year(actuals.window_start) - 1 = closings.year
    and actuals.as_of >= closings.known_from
    and actuals.as_of < closings.known_until
