-- the actual value of a target on each of its days, from the reports of its period; docs/attainment.md has the table
--
-- No period crosses the end of a year, and a target takes years whole or not at all. So what was reported is first
-- brought together by indicator and year, for each day on which something of that year changed, and only these few rows
-- meet the days of the targets. Every day of a target met with every report known by then would be their number squared.
{{ config(materialized='table') }}

-- reports and days of change are numbered and kept, so that what there are most of is joined and grouped by numbers:
-- by the identifiers and dates themselves it took twice as long
with counted as materialized (

    select
        row_number() over () as report_no,
        indicator_id,
        year(period_end) as year,
        period_start,
        period_end,
        datediff('day', period_start, period_end) as days,
        -- orders reports by their end, of those that end on one day the longest last
        datediff('day', date '1900-01-01', period_end) * 1000 + datediff('day', period_start, period_end) as place,
        accumulation,
        value_base,
        base_unit_code,
        known_from,
        known_until
    from {{ ref('int_reports_in_force') }}
    where counts

),

changes as materialized (

    select
        row_number() over () as change_no,
        indicator_id,
        year,
        known_from,
        lead(known_from) over (partition by indicator_id, year order by known_from) as known_until
    from (
        select indicator_id, year, known_from
        from counted
        union
        select indicator_id, year, known_until as known_from
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
        on shorter.indicator_id = longer.indicator_id
        and shorter.year = longer.year
        and shorter.period_start >= longer.period_start
        and shorter.period_end <= longer.period_end
        and shorter.days < longer.days
    inner join changes
        on longer.indicator_id = changes.indicator_id
        and longer.year = changes.year
        and longer.known_from <= changes.known_from
        and (longer.known_until is null or longer.known_until > changes.known_from)
    where longer.days > 30 and longer.accumulation = 'period' and shorter.accumulation = 'period'

),

-- for each day on which something of a year changed, and kind of report, what was reported of that year
sums as (

    select
        changes.change_no,
        counted.accumulation,
        arg_max(counted.report_no, counted.place) as last_report_no,
        max(case when month(counted.period_end) = 12 then counted.value_base end) as closing_base,
        count(*) filter (where inside_longer.report_no is null) as parts,
        sum(counted.value_base) filter (where inside_longer.report_no is null) as parts_base,
        sum(counted.days + 1) filter (where inside_longer.report_no is null) as parts_days,
        min(counted.base_unit_code) filter (where inside_longer.report_no is null) as first_unit_code,
        max(counted.base_unit_code) filter (where inside_longer.report_no is null) as last_unit_code
    from changes
    inner join counted
        on changes.indicator_id = counted.indicator_id
        and changes.year = counted.year
        and changes.known_from >= counted.known_from
        and (counted.known_until is null or changes.known_from < counted.known_until)
    left join inside_longer
        on counted.report_no = inside_longer.report_no and changes.change_no = inside_longer.change_no
    group by changes.change_no, counted.accumulation

),

years as (

    select
        changes.indicator_id,
        changes.year,
        changes.known_from,
        changes.known_until,
        sums.accumulation,
        counted.place,
        counted.period_end,
        counted.days,
        counted.value_base,
        counted.base_unit_code,
        sums.closing_base,
        sums.parts,
        sums.parts_base,
        sums.parts_days,
        sums.first_unit_code,
        sums.last_unit_code
    from sums
    inner join changes on sums.change_no = changes.change_no
    inner join counted on sums.last_report_no = counted.report_no

),

promised as (

    select
        targets.target_id,
        targets.as_of,
        targets.indicator_id,
        targets.basis,
        targets.start_year,
        targets.end_year,
        targets.base_unit_code,
        indicators.aggregation = 'sum' as adds_up,
        programmes.start_year as programme_start_year
    from {{ ref('int_targets_as_of') }} as targets
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
    inner join {{ ref('stg_programmes') }} as programmes on tasks.programme_id = programmes.programme_id

),

placed as materialized (

    select
        promised.target_id,
        promised.as_of,
        promised.basis,
        promised.start_year,
        promised.end_year,
        promised.base_unit_code,
        promised.programme_start_year,
        promised.adds_up and years.accumulation <> 'level' as is_amount,
        years.year,
        years.accumulation,
        years.place,
        years.period_end,
        years.days,
        years.value_base,
        years.base_unit_code as reported_unit_code,
        years.closing_base,
        years.parts,
        years.parts_base,
        years.parts_days,
        years.first_unit_code,
        years.last_unit_code,
        -- a state stays what it was, an amount belongs to its period
        years.year <= promised.end_year
        and (
            years.year >= promised.start_year
            or promised.basis = 'by_end' and (not promised.adds_up or years.accumulation in ('level', 'since_start'))
        ) as is_inside
    from promised
    inner join years
        on promised.indicator_id = years.indicator_id
        and promised.as_of >= years.known_from
        and (years.known_until is null or promised.as_of < years.known_until)

),

latest as (

    select
        target_id,
        as_of,
        arg_max(accumulation, place) as accumulation,
        max(place) as place,
        max(period_end) as actual_to
    from placed
    where is_inside
    group by target_id, as_of

),

used as (

    select
        placed.target_id,
        placed.as_of,
        placed.accumulation,
        placed.is_amount,
        placed.basis,
        placed.base_unit_code,
        placed.programme_start_year,
        latest.actual_to,
        -- of what is due each year the last year reported is judged
        make_date(case placed.basis when 'each_year' then year(latest.actual_to) else placed.start_year end, 1, 1)
            as window_start,
        make_date(case placed.basis when 'each_year' then year(latest.actual_to) else placed.end_year end, 12, 31)
            as window_end,
        placed.is_amount and placed.accumulation = 'period' as adds_parts,
        case when adds_parts then placed.parts else 1 end as reports,
        case when adds_parts then placed.parts_base else placed.value_base end as value_base,
        case
            when adds_parts
                then placed.first_unit_code = placed.base_unit_code and placed.last_unit_code = placed.base_unit_code
            else placed.reported_unit_code = placed.base_unit_code
        end as unit_converts,
        case
            when adds_parts then placed.parts_days
            when placed.accumulation = 'cumulative'
                then datediff('day', make_date(placed.year, 1, 1), placed.period_end) + 1
            else placed.days + 1
        end as days_covered
    from placed
    inner join latest
        on placed.target_id = latest.target_id
        and placed.as_of = latest.as_of
        and placed.accumulation = latest.accumulation
    where
        placed.is_inside
        and (placed.basis <> 'each_year' or placed.year = year(latest.actual_to))
        -- amounts of periods and of years add up, of all else the last counts
        and (placed.is_amount and placed.accumulation in ('period', 'cumulative') or placed.place = latest.place)

),

added as (

    select
        target_id,
        as_of,
        accumulation,
        window_start,
        window_end,
        actual_to,
        basis,
        programme_start_year,
        is_amount,
        sum(reports) as reports,
        sum(value_base) as value_base,
        bool_and(unit_converts) as unit_converts,
        sum(days_covered) as days_covered
    from used
    group by all

),

before as (

    -- what had added up since the programme began when the target's own period did
    select
        added.target_id,
        added.as_of,
        max(placed.closing_base) as value_base
    from added
    inner join placed
        on added.target_id = placed.target_id
        and added.as_of = placed.as_of
        and placed.accumulation = 'since_start'
        and placed.year = year(added.window_start) - 1
    where added.accumulation = 'since_start'
    group by added.target_id, added.as_of

)

select
    added.target_id,
    added.as_of,
    added.window_start,
    added.window_end,
    added.accumulation,
    added.is_amount,
    added.actual_to,
    cast(added.reports as bigint) as reports,
    added.unit_converts,
    added.is_amount
    and added.accumulation <> 'since_start'
    and added.days_covered <= datediff('day', added.window_start, added.actual_to) as periods_missing,
    cast(
        case
            when not added.unit_converts then null
            when
                added.is_amount
                and added.accumulation = 'since_start'
                and added.basis <> 'by_end'
                and year(added.window_start) > added.programme_start_year
                then added.value_base - before.value_base
            else added.value_base
        end as decimal(38, 9)
    ) as actual_base
from added
left join before on added.target_id = before.target_id and added.as_of = before.as_of
