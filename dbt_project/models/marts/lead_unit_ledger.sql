-- the ledger (台账): one row a unit and a task it has a duty for, with what is promised there and below
with due as (

    select
        lineage.ancestor_id as task_id,
        count(*) as milestones,
        min(milestones.due_on) as first_due_on
    from {{ ref('int_task_lineage') }} as lineage
    inner join {{ ref('stg_milestones') }} as milestones on lineage.task_id = milestones.task_id
    group by lineage.ancestor_id

)

select
    assignments.organization_id,
    organizations.name_zh as organization_zh,
    organizations.name_en as organization_en,
    organizations.kind as organization_kind,
    assignments.task_id,
    tasks.programme_id,
    assignments.role,
    assignments.position,
    assignments.printed_name,
    names.resolution,
    tasks.number,
    tasks.title_zh,
    tasks.title_en,
    tasks.domain_code,
    tasks.targets,
    tasks.quantified,
    coalesce(due.milestones, 0) as milestones,
    due.first_due_on
from {{ ref('stg_assignments') }} as assignments
inner join {{ ref('stg_organizations') }} as organizations
    on assignments.organization_id = organizations.organization_id
inner join {{ ref('tasks') }} as tasks on assignments.task_id = tasks.task_id
inner join {{ ref('stg_programmes') }} as programmes on tasks.programme_id = programmes.programme_id
left join {{ ref('stg_organization_names') }} as names
    on programmes.jurisdiction_code = names.jurisdiction_code
    and assignments.printed_name = names.printed_name
left join due on assignments.task_id = due.task_id
order by assignments.organization_id, assignments.task_id, assignments.role, assignments.position
