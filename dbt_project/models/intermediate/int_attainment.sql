-- how far each target has got on each of its days; the formulas are explained in docs/attainment.md
-- with what was promised and reported on that day, so that the marts need not look it up once more
{{ config(materialized='table') }}

with starts as (

    select
        targets.target_id,
        targets.as_of,
        arg_max(observations.value_base, observations.period_end) as baseline_base
    from {{ ref('int_targets_as_of') }} as targets
    inner join {{ ref('stg_observations') }} as observations
        on targets.indicator_id = observations.indicator_id
        and observations.kind = 'baseline'
        and observations.value_base is not null
        and observations.base_unit_code = targets.base_unit_code
        and year(observations.period_end) <= targets.end_year
    group by targets.target_id, targets.as_of

),

-- rows are many and wide here: they are worked out a second time for targets with steps, rather than kept for them
promised as not materialized (

    select
        targets.target_id,
        targets.as_of,
        targets.is_event,
        targets.basis,
        targets.start_year,
        targets.revision,
        targets.end_year,
        targets.is_withdrawn,
        targets.comparator,
        targets.value_base,
        targets.upper_value_base,
        targets.base_unit_code,
        indicators.direction,
        indicators.measure_type,
        starts.baseline_base,
        actuals.target_id is not null as is_reported,
        actuals.window_start,
        actuals.window_end,
        actuals.accumulation,
        actuals.reports,
        actuals.actual_to,
        actuals.actual_base,
        actuals.unit_converts,
        actuals.periods_missing,
        -- added up, or a total to which something was added
        indicators.aggregation = 'sum' and actuals.is_amount as is_amount,
        case
            when targets.comparator in ('ge', 'gt') then 'floor'
            when targets.comparator in ('le', 'lt') then 'ceiling'
            when indicators.direction = 'higher' then 'floor'
            when indicators.direction = 'lower' then 'ceiling'
            when targets.comparator is not null then 'band'
        end as rule,
        case
            when targets.comparator = 'between' then targets.value_base
            when targets.comparator in ('ge', 'gt', 'le', 'lt') then targets.value_base
            when targets.comparator = 'eq' and indicators.direction in ('higher', 'lower') then targets.value_base
            else targets.value_base - {{ var('approx_tolerance') }} * abs(targets.value_base)
        end as least,
        case
            when targets.comparator = 'between' then targets.upper_value_base
            when targets.comparator in ('ge', 'gt', 'le', 'lt') then targets.value_base
            when targets.comparator = 'eq' and indicators.direction in ('higher', 'lower') then targets.value_base
            else targets.value_base + {{ var('approx_tolerance') }} * abs(targets.value_base)
        end as most,
        case
            when targets.comparator = 'between' and indicators.direction = 'lower' then targets.upper_value_base
            else targets.value_base
        end as mark
    from {{ ref('int_targets_as_of') }} as targets
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    left join starts on targets.target_id = starts.target_id and targets.as_of = starts.as_of
    left join {{ ref('int_actuals_as_of') }} as actuals
        on targets.target_id = actuals.target_id and targets.as_of = actuals.as_of

),

typed as not materialized (

    select
        *,
        -- how progress is told: by a degree from 0 to 1, or by what is kept or not, or reached or not
        case
            when is_amount then case when rule = 'ceiling' then 'keep' else 'share' end
            when direction = 'maintain' or rule = 'band' or rule = 'ceiling' and direction <> 'lower' then 'keep'
            when measure_type = 'grade' then 'reach'
            when measure_type = 'change' or basis = 'each_year' then 'hold'
            when
                rule = 'floor' and baseline_base < mark or rule = 'ceiling' and baseline_base > mark
                then 'from_baseline'
            else 'share'
        end as method,
        case rule
            when 'floor' then actual_base >= least and not (comparator = 'gt' and actual_base = least)
            when 'ceiling' then actual_base <= most and not (comparator = 'lt' and actual_base = most)
            else actual_base between least and most
        end as is_kept
    from promised

),

degrees as not materialized (

    -- decimals are divided as doubles: exact enough for a share, and not for what is kept
    select
        *,
        case
            when method in ('keep', 'reach') then null
            when method = 'from_baseline'
                then cast(actual_base - baseline_base as double) / cast(nullif(mark - baseline_base, 0) as double)
            when rule = 'ceiling' and actual_base > 0 and mark > 0
                then cast(mark as double) / cast(actual_base as double)
            when rule <> 'ceiling' and mark > 0 then cast(actual_base as double) / cast(mark as double)
        end as completion,
        case
            when method = 'hold' then 1
            when method in ('share', 'from_baseline') then
                least(1, greatest(0,
                    (datediff('day', window_start, actual_to) + 1)
                    / nullif(cast(datediff('day', window_start, window_end) + 1 as double), 0)
                ))
        end as elapsed
    from typed

),

stepped as materialized (

    select
        target_id,
        as_of,
        basis,
        start_year,
        end_year,
        base_unit_code,
        baseline_base,
        mark,
        rule,
        method,
        is_amount,
        window_start,
        window_end,
        actual_to
    from degrees
    where target_id in (select to_target_id from {{ ref('stg_links') }} where kind = 'step_towards')

),

steps as (

    -- a step in force on that day: its last day and the share of the way it stands for
    select
        stepped.target_id,
        stepped.as_of,
        make_date(steps.end_year, 12, 31) as on_day,
        greatest(0, least(1, case
            when stepped.method = 'from_baseline' then
                cast(steps.value_base - stepped.baseline_base as double)
                / cast(nullif(stepped.mark - stepped.baseline_base, 0) as double)
            when stepped.is_amount and steps.basis = 'during' then
                sum(cast(steps.value_base as double)) over (
                    partition by stepped.target_id, stepped.as_of, steps.basis
                    order by steps.end_year
                ) / cast(stepped.mark as double)
            else cast(steps.value_base as double) / cast(stepped.mark as double)
        end)) as share
    from stepped
    inner join {{ ref('stg_links') }} as links
        on stepped.target_id = links.to_target_id and links.kind = 'step_towards'
    inner join {{ ref('int_targets_as_of') }} as steps
        on links.from_target_id = steps.target_id and stepped.as_of = steps.as_of
    where
        stepped.method in ('share', 'from_baseline')
        and stepped.mark > 0
        and stepped.rule <> 'ceiling'
        and stepped.basis <> 'each_year'
        and stepped.base_unit_code = steps.base_unit_code
        and not steps.is_withdrawn
        and steps.value_base is not null
        and steps.basis <> 'each_year'
        and steps.start_year >= stepped.start_year
        and steps.end_year < stepped.end_year

),

points as (

    select target_id, as_of, on_day, max(share) as share
    from steps
    group by target_id, as_of, on_day

    union all

    select target_id, as_of, cast(window_start - interval 1 day as date) as on_day, 0 as share
    from stepped
    semi join steps using (target_id, as_of)

    union all

    select target_id, as_of, window_end as on_day, 1 as share
    from stepped
    semi join steps using (target_id, as_of)

),

around as (

    select
        stepped.target_id,
        stepped.as_of,
        max(points.on_day) filter (where points.on_day <= stepped.actual_to) as day_before,
        arg_max(points.share, points.on_day) filter (where points.on_day <= stepped.actual_to) as share_before,
        min(points.on_day) filter (where points.on_day > stepped.actual_to) as day_after,
        arg_min(points.share, points.on_day) filter (where points.on_day > stepped.actual_to) as share_after
    from stepped
    inner join points on stepped.target_id = points.target_id and stepped.as_of = points.as_of
    group by stepped.target_id, stepped.as_of

),

measured as (

    select
        degrees.*,
        around.target_id is not null as has_steps,
        case
            when degrees.elapsed is null or degrees.completion is null then null
            when around.target_id is null or around.day_before is null or around.day_after is null
                then degrees.elapsed
            else around.share_before + (around.share_after - around.share_before)
                * datediff('day', around.day_before, degrees.actual_to)
                / nullif(cast(datediff('day', around.day_before, around.day_after) as double), 0)
        end as expected,
        -- additions do not tell a total that has a starting value
        degrees.is_withdrawn
        or degrees.value_base is null
        or degrees.is_amount and degrees.basis = 'by_end' and degrees.baseline_base is not null as is_beyond_judging,
        -- an amount that has passed its upper end does not come down again
        degrees.rule = 'band' and degrees.is_amount and degrees.actual_base > degrees.most as is_exceeded
    from degrees
    left join around on degrees.target_id = around.target_id and degrees.as_of = around.as_of

),

reasoned as (

    select
        *,
        case
            when is_withdrawn then 'withdrawn'
            when value_base is null then 'no_value'
            when not is_reported then 'not_reported'
            when not unit_converts then 'unit_differs'
            when is_beyond_judging then 'state_expected'
            when actual_base is null then 'start_missing'
            when is_kept and method = 'keep' then
                case
                    when actual_to < window_end and as_of > window_end then 'last_period_missing'
                    when actual_to < window_end then 'kept_so_far'
                    else 'kept'
                end
            when is_kept and rule = 'band' and actual_to < window_end then 'kept_so_far'
            when is_kept then 'reached'
            when as_of > window_end and actual_to < window_end then 'last_period_missing'
            when as_of > window_end then 'not_reached'
            when method = 'keep' or is_exceeded then 'broken'
            when completion is null then 'not_yet_reached'
            when periods_missing then 'periods_missing'
            when has_steps then 'against_steps'
            when method = 'hold' then 'against_full_value'
            when not is_amount and method = 'share' then 'baseline_unknown'
            else 'against_time'
        end as reason
    from measured

)

select
    target_id,
    as_of,
    is_event,
    revision,
    end_year,
    comparator,
    value_base,
    upper_value_base,
    base_unit_code,
    is_reported,
    accumulation,
    reports,
    window_start,
    window_end,
    rule,
    method,
    is_amount,
    baseline_base,
    actual_base,
    actual_to,
    periods_missing,
    case when not is_beyond_judging then is_kept end as is_kept,
    cast(case when not is_beyond_judging then round(completion, 6) end as decimal(38, 9)) as completion,
    cast(case when not is_beyond_judging then round(expected, 6) end as decimal(38, 9)) as expected,
    reason,
    case
        when reason in ('withdrawn', 'no_value', 'unit_differs', 'state_expected', 'start_missing')
            then 'not_measurable'
        when reason = 'not_reported' then 'no_data'
        when reason in ('kept', 'reached') then 'achieved'
        when is_kept then 'on_track'
        when reason in ('last_period_missing', 'not_reached') then 'overdue'
        when reason = 'broken' then 'at_risk'
        when completion is null then 'behind'
        when round(completion, 6) >= round({{ var('yellow_below') }} * expected, 6) then 'on_track'
        when round(completion, 6) >= round({{ var('red_below') }} * expected, 6) then 'behind'
        else 'at_risk'
    end as status
from reasoned
