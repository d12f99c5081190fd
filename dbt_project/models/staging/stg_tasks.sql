select
    task_id,
    programme_id,
    parent_task_id,
    kind,
    locator,
    number,
    title_zh,
    title_en,
    domain_code,
    _file,
    _line
from {{ source('curated', 'tasks') }}
