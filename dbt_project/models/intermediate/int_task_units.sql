-- who answers for a task, in each role: its own units or, where it names none, those of the nearest node above
with duties as (

    select
        lineage.task_id,
        lineage.ancestor_id,
        lineage.distance,
        assignments.role,
        assignments.position,
        assignments.organization_id,
        assignments.printed_name
    from {{ ref('int_task_lineage') }} as lineage
    inner join {{ ref('stg_assignments') }} as assignments
        on lineage.ancestor_id = assignments.task_id

),

nearest as (

    select
        task_id,
        role,
        min(distance) as distance
    from duties
    group by task_id, role

)

select
    duties.task_id,
    duties.role,
    duties.position,
    duties.organization_id,
    duties.printed_name,
    duties.ancestor_id as assigned_task_id,
    duties.distance > 0 as inherited,
    organizations.name_zh,
    organizations.name_en,
    organizations.kind as organization_kind
from duties
inner join nearest
    on duties.task_id = nearest.task_id and duties.role = nearest.role and duties.distance = nearest.distance
inner join {{ ref('stg_organizations') }} as organizations
    on duties.organization_id = organizations.organization_id
