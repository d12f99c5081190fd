-- baseline → annual steps → target, for every target that has more than itself to show
with steps as (

    select
        links.to_target_id as target_id,
        links.from_target_id as record_id,
        'step' as point
    from {{ ref('stg_links') }} as links
    where links.kind = 'step_towards'

),

ends as (

    select
        target_id,
        target_id as record_id,
        'target' as point
    from {{ ref('stg_targets') }}
    where target_id not in (select record_id from steps)

),

promised as (

    select
        points.target_id,
        points.record_id,
        points.point,
        targets.basis,
        targets.start_year,
        targets.end_year as year,
        make_date(targets.end_year, 12, 31) as on_day,
        targets.comparator,
        targets.value,
        targets.unit_code,
        targets.value_base,
        targets.base_unit_code,
        -- what is delivered in a period of its own has no difference to another period
        targets.basis in ('during', 'each_year') and indicators.aggregation = 'sum' as is_amount_of_period
    from (
        select target_id, record_id, point from steps
        union all
        select target_id, record_id, point from ends
    ) as points
    inner join {{ ref('stg_targets') }} as targets on points.record_id = targets.target_id
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    where targets.value is not null

),

measured as (

    select
        ends.target_id,
        observations.observation_id as record_id,
        observations.kind as point,
        case when observations.period_start is null then 'by_end' else 'during' end as basis,
        year(coalesce(observations.period_start, observations.period_end)) as start_year,
        year(observations.period_end) as year,
        observations.period_end as on_day,
        observations.comparator,
        observations.value,
        observations.unit_code,
        observations.value_base,
        observations.base_unit_code,
        observations.period_start is not null and indicators.aggregation = 'sum' as is_amount_of_period
    from ends
    inner join {{ ref('stg_targets') }} as targets on ends.target_id = targets.target_id
    inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_observations') }} as observations on targets.indicator_id = observations.indicator_id
    where observations.value is not null

),

points as (

    select
        target_id, record_id, point, basis, start_year, year, on_day, comparator, value, unit_code, value_base,
        base_unit_code, is_amount_of_period
    from promised

    union all

    select
        target_id, record_id, point, basis, start_year, year, on_day, comparator, value, unit_code, value_base,
        base_unit_code, is_amount_of_period
    from measured

),

judged as (

    -- points of a path compare where all are states in the same base unit
    select
        target_id, record_id, point, basis, start_year, year, on_day, comparator, value, unit_code, value_base,
        base_unit_code,
        count(*) over path as points,
        not bool_or(is_amount_of_period) over path
        and min(base_unit_code) over path = max(base_unit_code) over path as comparable
    from points
    window path as (partition by target_id)

),

ordered as (

    select
        target_id,
        record_id,
        point,
        basis,
        start_year,
        year,
        comparator,
        value,
        unit_code,
        value_base,
        base_unit_code,
        points,
        comparable,
        row_number() over path as position,
        case when comparable then value_base - lag(value_base) over path end as change_base
    from judged
    window path as (partition by target_id order by on_day, point = 'target', record_id)

)

select
    ordered.target_id,
    ordered.position,
    ordered.point,
    ordered.record_id,
    targets.programme_id,
    targets.jurisdiction_code,
    targets.jurisdiction_zh,
    targets.jurisdiction_en,
    targets.indicator_id,
    targets.indicator_zh,
    targets.indicator_en,
    targets.concept_code,
    targets.direction,
    ordered.basis,
    cast(ordered.start_year as bigint) as start_year,
    cast(ordered.year as bigint) as year,
    ordered.comparator,
    ordered.value,
    ordered.unit_code,
    ordered.value_base,
    ordered.base_unit_code,
    ordered.comparable,
    cast(ordered.change_base as decimal(38, 9)) as change_base,
    targets.fictional
from ordered
inner join {{ ref('targets') }} as targets on ordered.target_id = targets.target_id
where ordered.points > 1
order by ordered.target_id, ordered.position
