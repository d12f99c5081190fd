-- every node of the documents with its units and what is promised in it and below
with promised as (

    -- what is promised in a task, the measures under it included
    select
        lineage.ancestor_id as task_id,
        count(distinct indicators.indicator_id) as indicators,
        count(distinct targets.target_id) as targets,
        count(distinct targets.target_id) filter (where targets.value is not null) as valued_targets
    from {{ ref('int_task_lineage') }} as lineage
    inner join {{ ref('stg_indicators') }} as indicators on lineage.task_id = indicators.task_id
    left join {{ ref('stg_targets') }} as targets on indicators.indicator_id = targets.indicator_id
    group by lineage.ancestor_id

),

due as (

    select
        lineage.ancestor_id as task_id,
        count(*) as milestones
    from {{ ref('int_task_lineage') }} as lineage
    inner join {{ ref('stg_milestones') }} as milestones on lineage.task_id = milestones.task_id
    group by lineage.ancestor_id

)

select
    tasks.task_id,
    tasks.programme_id,
    tasks.parent_task_id,
    tasks.kind,
    tasks.locator,
    tasks.number,
    tasks.title_zh,
    tasks.title_en,
    tasks.domain_code,
    domains.name_zh as domain_zh,
    domains.name_en as domain_en,
    units_in_charge.lead_units_zh,
    units_in_charge.lead_units_en,
    units_in_charge.lead_organization_ids,
    units_in_charge.responsible_units_zh,
    units_in_charge.responsible_units_en,
    coalesce(promised.indicators, 0) as indicators,
    coalesce(promised.targets, 0) as targets,
    coalesce(promised.valued_targets, 0) > 0 as quantified,
    coalesce(due.milestones, 0) as milestones,
    coalesce(caveats.caveats, 0) as caveats
from {{ ref('stg_tasks') }} as tasks
inner join {{ ref('stg_domains') }} as domains on tasks.domain_code = domains.domain_code
left join {{ ref('int_unit_names') }} as units_in_charge on tasks.task_id = units_in_charge.task_id
left join promised on tasks.task_id = promised.task_id
left join due on tasks.task_id = due.task_id
left join {{ ref('int_caveats_per_record') }} as caveats
    on tasks.task_id = caveats.record_id and caveats.table_name = 'tasks'
order by tasks.task_id
