-- one row a programme, unit in charge and domain: how its targets stand, and the figures it owes
with judged as (

    select
        attainment.programme_id,
        units.organization_id,
        attainment.domain_code,
        any_value(units.name_zh) as organization_zh,
        any_value(units.name_en) as organization_en,
        count(*) as targets,
        count(*) filter (where attainment.status = 'achieved') as achieved,
        count(*) filter (where attainment.status = 'on_track') as on_track,
        count(*) filter (where attainment.status = 'behind') as behind,
        count(*) filter (where attainment.status = 'at_risk') as at_risk,
        count(*) filter (where attainment.status = 'overdue') as overdue,
        count(*) filter (where attainment.status = 'no_data') as no_data,
        count(*) filter (where attainment.status = 'not_measurable') as not_measurable,
        bool_or(attainment.fictional) as fictional
    from {{ ref('attainment') }} as attainment
    inner join {{ ref('int_units_in_charge') }} as units on attainment.task_id = units.task_id
    where attainment.kind = 'target'
    group by attainment.programme_id, units.organization_id, attainment.domain_code

),

figures as (

    select
        programme_id,
        organization_id,
        domain_code,
        count(*) filter (where status <> 'due') as figures_owed,
        count(*) filter (where status in ('reported', 'late')) as figures_reported,
        count(*) filter (where status = 'late') as figures_late
    from {{ ref('reporting_status') }}
    group by programme_id, organization_id, domain_code

)

select
    judged.programme_id,
    judged.organization_id,
    judged.domain_code,
    judged.organization_zh,
    judged.organization_en,
    domains.name_zh as domain_zh,
    domains.name_en as domain_en,
    judged.targets,
    judged.achieved,
    judged.on_track,
    judged.behind,
    judged.at_risk,
    judged.overdue,
    judged.no_data,
    judged.not_measurable,
    cast(
        round(
            100.0 * (judged.achieved + judged.on_track)
            / nullif(judged.targets - judged.no_data - judged.not_measurable, 0),
            1
        ) as decimal(38, 9)
    ) as green_per_cent,
    coalesce(figures.figures_owed, 0) as figures_owed,
    coalesce(figures.figures_reported, 0) as figures_reported,
    coalesce(figures.figures_late, 0) as figures_late,
    judged.fictional
from judged
inner join {{ ref('stg_domains') }} as domains on judged.domain_code = domains.domain_code
left join figures
    on judged.programme_id = figures.programme_id
    and judged.organization_id = figures.organization_id
    and judged.domain_code = figures.domain_code
order by judged.programme_id, judged.organization_id, judged.domain_code
