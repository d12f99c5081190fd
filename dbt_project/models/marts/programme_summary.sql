-- what a programme amounts to, in one row
with tasks as (

    select
        programme_id,
        count(*) filter (where kind = 'task') as tasks,
        count(*) filter (where kind = 'measure') as measures,
        count(*) filter (where kind = 'task' and quantified) as quantified_tasks,
        count(*) filter (where kind = 'task' and not quantified) as tasks_without_number
    from {{ ref('tasks') }}
    group by programme_id

),

targets as (

    select
        programme_id,
        count(*) as promised_values,
        count(*) filter (where kind = 'target') as targets,
        count(*) filter (where kind = 'standard') as standards,
        count(*) filter (where kind = 'share') as cost_shares,
        count(*) filter (where quantified = 'worded') as worded,
        count(*) filter (where concept_code is not null) as in_a_concept,
        sum(citations) as citations
    from {{ ref('targets') }}
    group by programme_id

),

units as (

    select
        programme_id,
        count(distinct organization_id) filter (where role = 'lead') as lead_units
    from {{ ref('lead_unit_ledger') }}
    group by programme_id

),

due as (

    select
        programme_id,
        count(*) as milestones
    from {{ ref('deadlines') }}
    where kind = 'milestone'
    group by programme_id

)

select
    programmes.programme_id,
    programmes.jurisdiction_zh,
    programmes.jurisdiction_en,
    programmes.start_year,
    programmes.end_year,
    coalesce(tasks.tasks, 0) as tasks,
    coalesce(tasks.measures, 0) as measures,
    coalesce(tasks.quantified_tasks, 0) as quantified_tasks,
    coalesce(tasks.tasks_without_number, 0) as tasks_without_number,
    coalesce(targets.promised_values, 0) as promised_values,
    coalesce(targets.targets, 0) as targets,
    coalesce(targets.standards, 0) as standards,
    coalesce(targets.cost_shares, 0) as cost_shares,
    coalesce(targets.worded, 0) as worded,
    coalesce(targets.in_a_concept, 0) as in_a_concept,
    cast(coalesce(targets.citations, 0) as bigint) as citations,
    coalesce(due.milestones, 0) as milestones,
    coalesce(units.lead_units, 0) as lead_units,
    programmes.fictional
from {{ ref('programmes') }} as programmes
left join tasks on programmes.programme_id = tasks.programme_id
left join targets on programmes.programme_id = targets.programme_id
left join units on programmes.programme_id = units.programme_id
left join due on programmes.programme_id = due.programme_id
order by programmes.programme_id
