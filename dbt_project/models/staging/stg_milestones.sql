select
    milestone_id,
    task_id,
    deliverable_zh,
    due_on,
    precision,
    _file,
    _line
from {{ source('curated', 'milestones') }}
