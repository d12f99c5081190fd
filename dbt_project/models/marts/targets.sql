-- one row a promised value, with all an analyst needs to read it
with printed as (

    select
        target_id,
        count(*) as citations,
        arg_min(printed, start) as printed
    from {{ ref('stg_citations') }}
    where target_id is not null
    group by target_id

)

select
    targets.target_id,
    tasks.programme_id,
    programmes.jurisdiction_code as programme_jurisdiction_code,
    programmes.jurisdiction_zh as programme_jurisdiction_zh,
    programmes.jurisdiction_en as programme_jurisdiction_en,
    indicators.jurisdiction_code,
    jurisdictions.name_zh as jurisdiction_zh,
    jurisdictions.name_en as jurisdiction_en,
    indicators.task_id,
    tasks.title_zh as task_zh,
    tasks.title_en as task_en,
    tasks.domain_code,
    domains.name_zh as domain_zh,
    domains.name_en as domain_en,
    units_in_charge.lead_units_zh,
    units_in_charge.lead_units_en,
    units_in_charge.lead_organization_ids,
    units_in_charge.responsible_units_zh,
    units_in_charge.responsible_units_en,
    targets.indicator_id,
    indicators.name_zh as indicator_zh,
    indicators.name_en as indicator_en,
    indicators.concept_code,
    indicators.measure_type,
    indicators.direction,
    indicators.aggregation,
    indicators.population_zh,
    targets.kind,
    targets.basis,
    targets.start_year,
    targets.end_year,
    targets.year_stated,
    targets.comparator,
    targets.value,
    targets.upper_value,
    targets.unit_code,
    units.name_zh as unit_zh,
    units.name_en as unit_en,
    targets.value_base,
    targets.upper_value_base,
    targets.base_unit_code,
    targets.dimension,
    targets.quantified,
    printed.printed,
    coalesce(printed.citations, 0) as citations,
    coalesce(caveats.caveats, 0) as caveats,
    caveats.caveat_kinds,
    targets.note_zh,
    programmes.fictional
from {{ ref('stg_targets') }} as targets
inner join {{ ref('stg_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
inner join {{ ref('stg_tasks') }} as tasks on indicators.task_id = tasks.task_id
inner join {{ ref('programmes') }} as programmes on tasks.programme_id = programmes.programme_id
inner join {{ ref('stg_domains') }} as domains on tasks.domain_code = domains.domain_code
inner join {{ ref('stg_jurisdictions') }} as jurisdictions
    on indicators.jurisdiction_code = jurisdictions.jurisdiction_code
inner join {{ ref('stg_units') }} as units on targets.unit_code = units.unit_code
left join {{ ref('int_unit_names') }} as units_in_charge on indicators.task_id = units_in_charge.task_id
left join printed on targets.target_id = printed.target_id
left join {{ ref('int_caveats_per_record') }} as caveats
    on targets.target_id = caveats.record_id and caveats.table_name = 'targets'
order by targets.target_id
