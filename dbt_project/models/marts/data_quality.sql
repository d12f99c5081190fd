-- how far the data of a programme can be relied on: one row a measure, as so many of so many
with judged as (

    select
        programme_id,
        unnest([
            {'measure': 'target_year_stated', 'holds': year_stated},
            {'measure': 'target_has_value', 'holds': value is not null},
            {'measure': 'target_cited', 'holds': citations > 0},
            {'measure': 'target_without_caveat', 'holds': caveats = 0},
            {'measure': 'target_in_a_concept', 'holds': concept_code is not null}
        ], recursive := true)
    from {{ ref('targets') }}

    union all

    select
        programme_id,
        'task_quantified' as measure,
        quantified as holds
    from {{ ref('tasks') }}
    where kind = 'task'

    union all

    select
        programme_id,
        'lead_unit_not_masked' as measure,
        coalesce(resolution in ('official', 'abbreviation'), false) as holds
    from {{ ref('lead_unit_ledger') }}
    where role = 'lead' and not inherited

)

select
    programme_id,
    measure,
    count(*) filter (where holds) as fulfilled,
    count(*) as total,
    cast(round(100.0 * count(*) filter (where holds) / count(*), 1) as decimal(38, 9)) as per_cent
from judged
group by programme_id, measure
order by programme_id, measure
