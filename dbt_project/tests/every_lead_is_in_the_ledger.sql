-- each assignment of a curated file stands in the ledger, with its line where it does not
select
    stg_assignments.task_id,
    stg_assignments.role,
    stg_assignments.position,
    stg_assignments._file,
    stg_assignments._line
from {{ ref('stg_assignments') }} as stg_assignments
left join {{ ref('lead_unit_ledger') }} as ledger
    on stg_assignments.task_id = ledger.task_id
    and stg_assignments.role = ledger.role
    and stg_assignments.position = ledger.position
    and not ledger.inherited
where ledger.task_id is null
