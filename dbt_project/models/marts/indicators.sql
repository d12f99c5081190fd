-- what is counted, with unit, direction and starting value
with promised as (

    select
        indicator_id,
        count(*) as targets
    from {{ ref('stg_targets') }}
    group by indicator_id

),

baselines as (

    -- the latest starting value; arg_max keeps to one row an indicator
    select
        indicator_id,
        arg_max(value_base, (period_end, observation_id)) as baseline_base,
        max(period_end) as baseline_on
    from {{ ref('stg_observations') }}
    where kind = 'baseline'
    group by indicator_id

)

select
    indicators.indicator_id,
    tasks.programme_id,
    indicators.task_id,
    indicators.jurisdiction_code,
    indicators.name_zh,
    indicators.name_en,
    indicators.concept_code,
    concepts.name_zh as concept_zh,
    concepts.name_en as concept_en,
    tasks.domain_code,
    indicators.measure_type,
    indicators.unit_code,
    units.base_unit_code,
    units.dimension,
    indicators.direction,
    indicators.aggregation,
    indicators.population_zh,
    coalesce(promised.targets, 0) as targets,
    baselines.baseline_base,
    baselines.baseline_on
from {{ ref('stg_indicators') }} as indicators
inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
inner join {{ ref('stg_units') }} as units on indicators.unit_code = units.unit_code
left join {{ ref('stg_concepts') }} as concepts on indicators.concept_code = concepts.concept_code
left join promised on indicators.indicator_id = promised.indicator_id
left join baselines on indicators.indicator_id = baselines.indicator_id
order by indicators.indicator_id
