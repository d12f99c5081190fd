-- the ledger (台账): one row a unit and a task it has a duty for, printed there or taken over from the node above,
-- with what is promised there and below
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
    duties.organization_id,
    duties.name_zh as organization_zh,
    duties.name_en as organization_en,
    duties.organization_kind,
    duties.task_id,
    tasks.kind as task_kind,
    tasks.programme_id,
    duties.role,
    duties.position,
    duties.inherited,
    duties.assigned_task_id,
    duties.printed_name,
    names.resolution,
    tasks.number,
    tasks.title_zh,
    tasks.title_en,
    tasks.domain_code,
    tasks.targets,
    tasks.quantified,
    coalesce(due.milestones, 0) as milestones,
    due.first_due_on
from {{ ref('int_task_units') }} as duties
inner join {{ ref('tasks') }} as tasks on duties.task_id = tasks.task_id
inner join {{ ref('stg_programmes') }} as programmes on tasks.programme_id = programmes.programme_id
left join {{ ref('stg_organization_names') }} as names
    on programmes.jurisdiction_code = names.jurisdiction_code
    and duties.printed_name = names.printed_name
left join due on duties.task_id = due.task_id
order by duties.organization_id, duties.task_id, duties.role, duties.position
