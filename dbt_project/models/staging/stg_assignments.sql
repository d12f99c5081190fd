select
    task_id,
    role,
    position,
    printed_name,
    organization_id,
    _file,
    _line
from {{ source('curated', 'assignments') }}
