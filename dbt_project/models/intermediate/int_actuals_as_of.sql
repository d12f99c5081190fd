-- the actual value of a target on each of its days, from the reports of its period; docs/attainment.md has the table
with promised as (

    select
        targets.target_id,
        targets.as_of,
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

placed as (

    select
        promised.*,
        reports.period_start,
        reports.period_end,
        reports.accumulation,
        reports.value_base,
        reports.base_unit_code as reported_unit_code,
        promised.adds_up and reports.accumulation <> 'level' as is_amount,
        -- a state stays what it was, an amount belongs to its period
        year(reports.period_end) <= promised.end_year
        and (
            year(reports.period_start) >= promised.start_year
            or promised.basis = 'by_end' and (not promised.adds_up or reports.accumulation in ('level', 'since_start'))
        ) as is_inside
    from promised
    inner join {{ ref('int_reports_as_of') }} as reports
        on promised.target_id = reports.target_id and promised.as_of = reports.as_of
    where reports.counts

),

latest as (

    select
        target_id,
        as_of,
        arg_max(accumulation, (period_end, datediff('day', period_start, period_end))) as accumulation,
        max(period_end) as actual_to
    from placed
    where is_inside
    group by target_id, as_of

),

windows as (

    -- of what is due each year the last year reported is judged
    select
        target_id,
        as_of,
        accumulation,
        actual_to,
        basis,
        base_unit_code,
        programme_start_year,
        make_date(case when basis = 'each_year' then year(actual_to) else start_year end, 1, 1) as window_start,
        make_date(case when basis = 'each_year' then year(actual_to) else end_year end, 12, 31) as window_end
    from latest
    inner join promised using (target_id, as_of)

),

used as (

    select
        windows.*,
        placed.period_start,
        placed.period_end,
        placed.value_base,
        placed.reported_unit_code,
        placed.is_amount,
        -- a month inside a reported quarter, or an earlier state of the same year, is not added once more
        case
            when not placed.is_amount or placed.accumulation = 'since_start'
                then placed.period_end = windows.actual_to
            when placed.accumulation = 'cumulative'
                then placed.period_end = max(placed.period_end) over same_year
            else not exists (
                select 1
                from placed as longer
                where
                    longer.target_id = placed.target_id
                    and longer.as_of = placed.as_of
                    and longer.accumulation = 'period'
                    and longer.is_inside
                    and longer.period_start <= placed.period_start
                    and longer.period_end >= placed.period_end
                    and datediff('day', longer.period_start, longer.period_end)
                    > datediff('day', placed.period_start, placed.period_end)
            )
        end as is_part
    from windows
    inner join placed
        on windows.target_id = placed.target_id
        and windows.as_of = placed.as_of
        and windows.accumulation = placed.accumulation
    where
        placed.is_inside
        and (windows.basis <> 'each_year' or placed.period_start >= windows.window_start)
    window same_year as (partition by placed.target_id, placed.as_of, year(placed.period_end))
    -- of two reports that end on one day the longer period counts, but for amounts of periods, where it is left out above
    qualify
        placed.is_amount and placed.accumulation = 'period'
        or row_number() over (
            partition by placed.target_id, placed.as_of, placed.period_end
            order by placed.period_start
        ) = 1

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
        base_unit_code,
        programme_start_year,
        is_amount,
        count(*) as reports,
        sum(value_base) as value_base,
        bool_and(reported_unit_code = base_unit_code) as unit_converts,
        sum(
            case
                when accumulation = 'cumulative' then datediff('day', make_date(year(period_end), 1, 1), period_end)
                else datediff('day', period_start, period_end)
            end + 1
        ) as days_covered
    from used
    where is_part
    group by all

),

before as (

    -- what had added up since the programme began when the target's own period did
    select
        added.target_id,
        added.as_of,
        max(placed.value_base) as value_base
    from added
    inner join placed
        on added.target_id = placed.target_id
        and added.as_of = placed.as_of
        and placed.accumulation = 'since_start'
        and placed.period_end = added.window_start - interval 1 day
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
    added.reports,
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
