-- what falls due on which day, by the targets in force: milestones as printed, targets with how they stand
with targets as (

    -- a target of each year falls due in every one of its years, any other in its last
    select
        attainment.target_id as deadline_id,
        'target' as kind,
        attainment.task_id,
        attainment.indicator_zh as deliverable_zh,
        attainment.indicator_en as deliverable_en,
        make_date(years.year, 12, 31) as due_on,
        case when attainment.basis <> 'each_year' then make_date(attainment.first_end_year, 12, 31) end as first_due_on,
        case
            when attainment.basis <> 'each_year' or year(attainment.window_end) = years.year then attainment.status
        end as status,
        case
            when attainment.basis <> 'each_year' or year(attainment.window_end) = years.year then attainment.warning
        end as warning
    from {{ ref('attainment') }} as attainment
    inner join (
        select
            target_id,
            unnest(generate_series(case basis when 'each_year' then start_year else end_year end, end_year)) as year
        from {{ ref('attainment') }}
    ) as years on attainment.target_id = years.target_id
    where attainment.kind = 'target' and attainment.reason <> 'withdrawn'

),

due as (

    select deadline_id, kind, task_id, deliverable_zh, deliverable_en, due_on, first_due_on, status, warning
    from targets

    union all

    select
        milestone_id as deadline_id,
        'milestone' as kind,
        task_id,
        deliverable_zh,
        null as deliverable_en,
        due_on,
        due_on as first_due_on,
        null as status,
        null as warning
    from {{ ref('stg_milestones') }}

)

select
    due.deadline_id,
    due.due_on,
    due.kind,
    due.first_due_on,
    due.due_on < {{ as_of() }} as is_over,
    due.deliverable_zh,
    due.deliverable_en,
    due.status,
    due.warning,
    tasks.programme_id,
    due.task_id,
    tasks.title_zh as task_zh,
    tasks.title_en as task_en,
    tasks.domain_code,
    tasks.lead_units_zh,
    tasks.lead_units_en,
    programmes.fictional
from due
inner join {{ ref('tasks') }} as tasks on due.task_id = tasks.task_id
inner join {{ ref('programmes') }} as programmes on tasks.programme_id = programmes.programme_id
order by due.due_on, due.deadline_id
