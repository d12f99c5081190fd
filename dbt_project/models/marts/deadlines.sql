-- everything with a last day: milestones with the date they print, targets with the end of their period
with milestones as (

    select
        milestones.milestone_id as deadline_id,
        'milestone' as kind,
        milestones.task_id,
        milestones.deliverable_zh,
        milestones.due_on,
        milestones.precision,
        true as date_stated
    from {{ ref('stg_milestones') }} as milestones

),

targets as (

    select
        target_id as deadline_id,
        'target' as kind,
        task_id,
        indicator_zh as deliverable_zh,
        make_date(end_year, 12, 31) as due_on,
        'year' as precision,
        year_stated as date_stated
    from {{ ref('targets') }}
    where kind = 'target'

),

due as (

    select
        deadline_id, kind, task_id, deliverable_zh, due_on, precision, date_stated
    from milestones

    union all

    select
        deadline_id, kind, task_id, deliverable_zh, due_on, precision, date_stated
    from targets

)

select
    due.deadline_id,
    due.kind,
    due.due_on,
    due.precision,
    due.date_stated,
    due.deliverable_zh,
    tasks.programme_id,
    due.task_id,
    tasks.title_zh as task_zh,
    tasks.title_en as task_en,
    tasks.domain_code,
    tasks.lead_units_zh,
    tasks.lead_units_en
from due
inner join {{ ref('tasks') }} as tasks on due.task_id = tasks.task_id
order by due.deadline_id
