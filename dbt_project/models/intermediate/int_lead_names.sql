-- the lead units of a task in one cell, in the printed order
select
    task_id,
    count(*) as lead_units,
    string_agg(name_zh, '、' order by position) as lead_units_zh,
    string_agg(name_en, '; ' order by position) as lead_units_en,
    string_agg(organization_id, ';' order by position) as lead_organization_ids
from {{ ref('int_task_leads') }}
group by task_id
