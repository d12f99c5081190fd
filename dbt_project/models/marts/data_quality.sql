-- how far the data of a programme can be relied on: one row a measure, as so many of so many
with measured as (

    select
        programme_id,
        'target_year_stated' as measure,
        count(*) filter (where year_stated) as fulfilled,
        count(*) as total
    from {{ ref('targets') }}
    group by programme_id

    union all

    select
        programme_id,
        'target_has_value' as measure,
        count(*) filter (where value is not null) as fulfilled,
        count(*) as total
    from {{ ref('targets') }}
    group by programme_id

    union all

    select
        programme_id,
        'target_cited' as measure,
        count(*) filter (where citations > 0) as fulfilled,
        count(*) as total
    from {{ ref('targets') }}
    group by programme_id

    union all

    select
        programme_id,
        'target_without_caveat' as measure,
        count(*) filter (where caveats = 0) as fulfilled,
        count(*) as total
    from {{ ref('targets') }}
    group by programme_id

    union all

    select
        programme_id,
        'target_in_a_concept' as measure,
        count(*) filter (where concept_code is not null) as fulfilled,
        count(*) as total
    from {{ ref('targets') }}
    group by programme_id

    union all

    select
        programme_id,
        'task_quantified' as measure,
        count(*) filter (where quantified) as fulfilled,
        count(*) as total
    from {{ ref('tasks') }}
    where kind = 'task'
    group by programme_id

    union all

    select
        programme_id,
        'lead_unit_not_masked' as measure,
        count(*) filter (where resolution in ('official', 'abbreviation')) as fulfilled,
        count(*) as total
    from {{ ref('lead_unit_ledger') }}
    where role = 'lead'
    group by programme_id

)

select
    programme_id,
    measure,
    fulfilled,
    total,
    cast(round(100.0 * fulfilled / total, 1) as decimal(38, 9)) as per_cent
from measured
order by programme_id, measure
