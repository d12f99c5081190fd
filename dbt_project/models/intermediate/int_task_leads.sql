-- who answers for a task: its own lead units or, where it names none, those of the nearest node above it
with leads as (

    select
        lineage.task_id,
        lineage.distance,
        assignments.position,
        assignments.organization_id,
        assignments.printed_name
    from {{ ref('int_task_lineage') }} as lineage
    inner join {{ ref('stg_assignments') }} as assignments
        on lineage.ancestor_id = assignments.task_id
    where assignments.role = 'lead'

),

nearest as (

    select
        task_id,
        min(distance) as distance
    from leads
    group by task_id

)

select
    leads.task_id,
    leads.position,
    leads.organization_id,
    leads.printed_name,
    organizations.name_zh,
    organizations.name_en
from leads
inner join nearest
    on leads.task_id = nearest.task_id and leads.distance = nearest.distance
inner join {{ ref('stg_organizations') }} as organizations
    on leads.organization_id = organizations.organization_id
