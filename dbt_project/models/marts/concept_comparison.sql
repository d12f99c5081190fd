-- the same promise in several cities side by side, with what stands in the way of comparing
with promised as (

    select
        targets.concept_code,
        targets.jurisdiction_code,
        targets.programme_id,
        target_years.year,
        targets.target_id as record_id,
        'target' as record_kind,
        targets.indicator_id,
        case
            when targets.basis = 'during' and targets.kind = 'target' and targets.aggregation = 'sum'
                then targets.end_year - targets.start_year + 1
            else 1
        end as years_covered,
        targets.comparator,
        targets.value,
        targets.unit_code,
        targets.value_base,
        targets.base_unit_code,
        targets.caveat_kinds
    from {{ ref('targets') }} as targets
    inner join {{ ref('target_years') }} as target_years on targets.target_id = target_years.target_id
    where targets.concept_code is not null and targets.value is not null and not target_years.is_on_the_way

),

measured as (

    select
        indicators.concept_code,
        indicators.jurisdiction_code,
        tasks.programme_id,
        year(observations.period_end) as year,
        observations.observation_id as record_id,
        'observation' as record_kind,
        observations.indicator_id,
        1 as years_covered,
        observations.comparator,
        observations.value,
        observations.unit_code,
        observations.value_base,
        observations.base_unit_code,
        caveats.caveat_kinds
    from {{ ref('stg_observations') }} as observations
    inner join {{ ref('stg_indicators') }} as indicators on observations.indicator_id = indicators.indicator_id
    inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
    left join {{ ref('int_caveats_per_record') }} as caveats
        on observations.observation_id = caveats.record_id and caveats.table_name = 'observations'
    where indicators.concept_code is not null and observations.value is not null

),

recorded as (

    select
        concept_code, jurisdiction_code, programme_id, year, record_id, record_kind, indicator_id,
        years_covered, comparator, value, unit_code, value_base, base_unit_code, caveat_kinds
    from promised

    union all

    select
        concept_code, jurisdiction_code, programme_id, year, record_id, record_kind, indicator_id,
        years_covered, comparator, value, unit_code, value_base, base_unit_code, caveat_kinds
    from measured

),

spread as (

    -- how far the values of a concept differ in kind
    select
        recorded.concept_code,
        count(distinct recorded.jurisdiction_code) as cities,
        count(distinct jurisdictions.level) as levels,
        count(distinct recorded.comparator) as comparators
    from recorded
    inner join {{ ref('stg_jurisdictions') }} as jurisdictions
        on recorded.jurisdiction_code = jurisdictions.jurisdiction_code
    group by recorded.concept_code

)

select
    recorded.concept_code,
    concepts.name_zh as concept_zh,
    concepts.name_en as concept_en,
    recorded.jurisdiction_code,
    jurisdictions.name_zh as jurisdiction_zh,
    jurisdictions.name_en as jurisdiction_en,
    jurisdictions.level,
    recorded.programme_id,
    cast(recorded.year as bigint) as year,
    recorded.record_id,
    recorded.record_kind,
    recorded.indicator_id,
    indicators.name_zh as indicator_zh,
    indicators.population_zh,
    cast(recorded.years_covered as bigint) as years_covered,
    recorded.comparator,
    recorded.value,
    recorded.unit_code,
    recorded.value_base,
    recorded.base_unit_code,
    concepts.direction,
    spread.cities,
    nullif(
        concat_ws(
            ';',
            case when recorded.years_covered > 1 then 'several_years' end,
            case when spread.levels > 1 and concepts.aggregation = 'sum' then 'other_level' end,
            case when spread.comparators > 1 and spread.cities > 1 then 'other_comparator' end,
            recorded.caveat_kinds
        ),
        ''
    ) as not_comparable_because,
    programmes.fictional
from recorded
inner join spread on recorded.concept_code = spread.concept_code
inner join {{ ref('stg_concepts') }} as concepts on recorded.concept_code = concepts.concept_code
inner join {{ ref('stg_indicators') }} as indicators on recorded.indicator_id = indicators.indicator_id
inner join {{ ref('stg_jurisdictions') }} as jurisdictions
    on recorded.jurisdiction_code = jurisdictions.jurisdiction_code
inner join {{ ref('programmes') }} as programmes on recorded.programme_id = programmes.programme_id
order by recorded.concept_code, recorded.record_id, recorded.year
