-- who owes the figures of a task: its lead units, or where it has none those responsible
select distinct
    task_id,
    role,
    organization_id,
    name_zh,
    name_en
from {{ ref('int_task_units') }}
qualify role = 'lead' or not bool_or(role = 'lead') over (partition by task_id)
