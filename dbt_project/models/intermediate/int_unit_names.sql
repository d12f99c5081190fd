-- the units of a task in one cell a role, in the printed order
select
    task_id,
    string_agg(name_zh, '、' order by position) filter (where role = 'lead') as lead_units_zh,
    string_agg(name_en, '; ' order by position) filter (where role = 'lead') as lead_units_en,
    string_agg(organization_id, ';' order by position) filter (where role = 'lead') as lead_organization_ids,
    string_agg(name_zh, '、' order by position) filter (where role = 'responsible') as responsible_units_zh,
    string_agg(name_en, '; ' order by position) filter (where role = 'responsible') as responsible_units_en
from {{ ref('int_task_units') }}
group by task_id
