-- everything with a last day: milestones with the date they print, targets with the end of each year they are due in
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

    -- a target of each year falls due in every one of its years, any other in its last
    select
        targets.target_id as deadline_id,
        'target' as kind,
        targets.task_id,
        targets.indicator_zh as deliverable_zh,
        make_date(cast(target_years.year as integer), 12, 31) as due_on,
        'year' as precision,
        targets.year_stated as date_stated,
        targets.indicator_en,
        targets.basis,
        targets.comparator,
        targets.value,
        targets.upper_value,
        targets.unit_code
    from {{ ref('targets') }} as targets
    inner join {{ ref('target_years') }} as target_years on targets.target_id = target_years.target_id
    where targets.kind = 'target' and not target_years.is_on_the_way

),

due as (

    select
        deadline_id, kind, task_id, deliverable_zh, due_on, precision, date_stated,
        null as indicator_en, null as basis, null as comparator, null as value, null as upper_value, null as unit_code
    from milestones

    union all

    select
        deadline_id, kind, task_id, deliverable_zh, due_on, precision, date_stated,
        indicator_en, basis, comparator, value, upper_value, unit_code
    from targets

)

select
    due.deadline_id,
    due.kind,
    due.due_on,
    due.precision,
    due.date_stated,
    due.deliverable_zh,
    due.indicator_en,
    due.basis,
    due.comparator,
    due.value,
    due.upper_value,
    due.unit_code,
    tasks.programme_id,
    programmes.jurisdiction_code as programme_jurisdiction_code,
    programmes.jurisdiction_zh as programme_jurisdiction_zh,
    programmes.jurisdiction_en as programme_jurisdiction_en,
    due.task_id,
    tasks.title_zh as task_zh,
    tasks.title_en as task_en,
    tasks.domain_code,
    tasks.lead_units_zh,
    tasks.lead_units_en,
    tasks.responsible_units_zh,
    tasks.responsible_units_en
from due
inner join {{ ref('tasks') }} as tasks on due.task_id = tasks.task_id
inner join {{ ref('programmes') }} as programmes on tasks.programme_id = programmes.programme_id
order by due.deadline_id, due.due_on
