-- an inner join must not lose a promise: curated targets that are not in the mart, with their line
select
    stg_targets.target_id,
    stg_targets._file,
    stg_targets._line
from {{ ref('stg_targets') }} as stg_targets
left join {{ ref('targets') }} as targets on stg_targets.target_id = targets.target_id
where targets.target_id is null
