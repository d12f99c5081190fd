-- money promised per person, household or thing, with whom it is for; per person and month where it is counted so
select
    target_id,
    programme_id,
    jurisdiction_code,
    jurisdiction_zh,
    jurisdiction_en,
    task_id,
    domain_code,
    indicator_zh,
    indicator_en,
    concept_code,
    population_zh,
    basis,
    start_year,
    end_year,
    comparator,
    value,
    unit_code,
    unit_zh,
    value_base,
    base_unit_code,
    case when dimension = 'money-per-person-month' then value_base end as yuan_per_person_month,
    lead_units_zh,
    lead_units_en,
    printed,
    caveat_kinds,
    fictional
from {{ ref('targets') }}
where measure_type = 'price' and value is not null
order by target_id
