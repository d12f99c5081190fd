-- one row a target and year in which it is in force; a value to reach by the end counts in its last year
with expanded as (

    select
        target_id,
        basis,
        end_year,
        value_base,
        base_unit_code,
        unnest(generate_series(start_year, end_year)) as year
    from {{ ref('stg_targets') }}

)

select
    target_id,
    year,
    year = end_year as is_last_year,
    basis <> 'each_year' and year < end_year as is_on_the_way,
    value_base,
    base_unit_code
from expanded
order by target_id, year
