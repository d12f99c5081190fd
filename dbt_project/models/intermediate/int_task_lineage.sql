-- every task with itself and each node above it, so that duties and figures can be taken over along the tree
with recursive lineage as (

    select
        task_id,
        task_id as ancestor_id,
        parent_task_id as next_id,
        0 as distance
    from {{ ref('stg_tasks') }}

    union all

    select
        lineage.task_id,
        parents.task_id as ancestor_id,
        parents.parent_task_id as next_id,
        lineage.distance + 1 as distance
    from lineage
    inner join {{ ref('stg_tasks') }} as parents on lineage.next_id = parents.task_id
    where lineage.distance < 32  -- no document is as deep; a circle of parents must not run for ever

)

select
    task_id,
    ancestor_id,
    distance
from lineage
